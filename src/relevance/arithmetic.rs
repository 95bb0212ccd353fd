//! Logarithms, roots and powers of whole numbers.

/// `log2(e)` in Q16.
const LOG2_E: i64 = 94_548;

/// `2^(1/2)`, `2^(1/4)`, ... `2^(1/65536)` in Q30: a factor for each bit of a fraction.
const ROOTS_OF_TWO: [u64; 16] = [
    1_518_500_250,
    1_276_901_417,
    1_170_923_762,
    1_121_280_436,
    1_097_253_708,
    1_085_434_106,
    1_079_572_136,
    1_076_653_033,
    1_075_196_443,
    1_074_468_888,
    1_074_105_294,
    1_073_923_544,
    1_073_832_680,
    1_073_787_251,
    1_073_764_537,
    1_073_753_181,
];

/// The square root in whole numbers, rounded down, by Newton's iteration from above.
pub(super) fn sqrt(number: u64) -> u64 {
    if number < 2 {
        return number;
    }
    let mut root = 1 << (64 - number.leading_zeros()).div_ceil(2);
    loop {
        let next = (root + number / root) / 2;
        if next >= root {
            return root;
        }
        root = next;
    }
}

/// The binary logarithm of a number from 1 up, in Q8, rounded down: each squaring of a 16-bit mantissa gives a bit.
pub(super) fn log2(number: u32) -> i32 {
    let whole = number.max(1).ilog2();
    let mut mantissa = ((u64::from(number.max(1)) << 15) >> whole) as u32;
    let mut log = whole as i32;
    for _ in 0..8 {
        mantissa = ((u64::from(mantissa) * u64::from(mantissa)) >> 15) as u32;
        log *= 2;
        if mantissa >= 1 << 16 {
            mantissa >>= 1;
            log += 1;
        }
    }
    log
}

/// `e` to the power of a number from 0 down, in Q16. The result is in Q30.
pub(super) fn exp(power: i32) -> u64 {
    let power = (i64::from(power.min(0)) * LOG2_E) >> 16;
    let halvings = -(power >> 16);
    if halvings > 30 {
        return 0;
    }
    let mut result = 1 << 30;
    for (bit, root) in ROOTS_OF_TWO.iter().enumerate() {
        if power & (1 << (15 - bit)) != 0 {
            result = (result * root) >> 30;
        }
    }
    result >> halvings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_the_largest_whole_number_whose_square_fits() {
        let few = 0..5_000_u64;
        let edges =
            (1..32).flat_map(|bit| [(1 << (2 * bit)) - 1, 1 << (2 * bit), (1 << (2 * bit)) + 1]);
        for number in few.chain(edges).chain([u64::MAX >> 2]) {
            let root = sqrt(number);
            assert!(
                root * root <= number && (root + 1) * (root + 1) > number,
                "{number}"
            );
        }
    }

    #[test]
    fn a_logarithm_is_less_than_one_step_below_the_real_one() {
        for number in (1..20_000).chain([u32::MAX]) {
            let real = f64::from(number).log2() * 256.0;
            let off = real - f64::from(log2(number));
            assert!((-0.001..1.3).contains(&off), "{number}: {off}");
        }
        assert_eq!((log2(1), log2(2), log2(1024)), (0, 256, 2560));
    }

    #[test]
    fn a_power_is_near_the_real_one() {
        for power in (-1_500_000..=0).step_by(997) {
            let real = (f64::from(power) / 65_536.0).exp() * f64::from(1 << 30);
            let off = (exp(power) as f64 - real).abs();
            assert!(off <= 2.0 + real * 3e-4, "{power}: {off} of {real}");
        }
        assert_eq!((exp(0), exp(i32::MIN)), (1 << 30, 0));
    }
}
