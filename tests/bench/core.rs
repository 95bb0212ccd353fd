//! The native cost of the core, by criterion: decisions, events, a snapshot and its restore. It takes a minute.
#![allow(missing_docs)] // criterion's macros make a function

use criterion::{BatchSize, BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use opencode_delegate::protocol::Status;
use opencode_delegate::{Engine, Event};
use std::hint::black_box;
use std::time::{Duration, Instant};
use world::{KINDS, SIZES, World, created, id};

fn core(criterion: &mut Criterion) {
    for sessions in SIZES {
        let mut world = World::new(sessions);
        decisions(criterion, &mut world);
        events(criterion, &mut world);
        state(criterion, &world);
    }
}

fn decisions(criterion: &mut Criterion, world: &mut World) {
    let mut group = criterion.benchmark_group("decide");
    group.sampling_mode(SamplingMode::Flat);
    for (kind, name, row) in KINDS {
        group.bench_function(BenchmarkId::new(name, world.sessions), |bench| {
            bench.iter_custom(|count| world.time(kind, row, count));
        });
    }
}

/// The most frequent events of a host: a session's turn begins or ends.
fn events(criterion: &mut Criterion, world: &mut World) {
    let mut group = criterion.benchmark_group("event");
    group.sampling_mode(SamplingMode::Flat);
    let mut now = 600_000_000;
    let mut turn = |status| {
        now += 1;
        let session_id = id(0);
        Event::Status {
            now,
            session_id,
            status,
        }
    };
    group.bench_function(BenchmarkId::new("status", world.sessions), |bench| {
        bench.iter_custom(|count| {
            let mut spent = Duration::ZERO;
            for _ in 0..count {
                let both = [turn(Status::Busy), turn(Status::Idle)];
                let began = Instant::now();
                for event in both {
                    black_box(world.engine.apply(event));
                }
                spent += began.elapsed() / 2;
            }
            spent
        });
    });
}

/// A whole world at once: found in a host, written as a snapshot, restored.
fn state(criterion: &mut Criterion, world: &World) {
    let mut group = criterion.benchmark_group("state");
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.bench_function(BenchmarkId::new("snapshot", world.sessions), |bench| {
        bench.iter(|| black_box(world.engine.snapshot()));
    });
    let created_events = || (0..world.sessions).map(created).collect::<Vec<_>>();
    group.bench_function(BenchmarkId::new("meet", world.sessions), |bench| {
        bench.iter_batched(
            created_events,
            |events| {
                let mut engine = World::new(0).engine;
                for event in events {
                    black_box(engine.apply(event));
                }
                engine
            },
            BatchSize::PerIteration,
        );
    });
    let snapshot = world.engine.snapshot();
    group.bench_function(BenchmarkId::new("restore", world.sessions), |bench| {
        bench.iter_with_large_drop(|| Engine::restore(black_box(&snapshot), "{}"));
    });
}

criterion_group! {
    name = all;
    config = Criterion::default()
        .sample_size(20)
        .nresamples(1_000)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800));
    targets = core
}
criterion_main!(all);
