//! The bytes that the calling thread has allocated and not freed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
}

fn count(given: usize, returned: usize) {
    // A thread that ends still frees memory, without a count.
    let _ = HELD.try_with(|held| held.set(held.get().wrapping_add(given).wrapping_sub(returned)));
}

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        // SAFETY: the caller's promises are those that `System` wants.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(0, layout.size());
        // SAFETY: the same.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        // SAFETY: the same.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

pub fn held() -> usize {
    HELD.with(Cell::get)
}

/// The bytes that are held more than before. A thread can also free another thread's memory.
pub fn since(before: usize) -> usize {
    held()
        .wrapping_sub(before)
        .cast_signed()
        .max(0)
        .cast_unsigned()
}
