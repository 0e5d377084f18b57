//! The smallest possible allocator: memory is handed out sequentially and never freed.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

#[global_allocator]
static HEAP: Heap = Heap { memory: UnsafeCell::new([0; SIZE]), used: AtomicUsize::new(0) };

struct Heap {
    memory: UnsafeCell<[u8; SIZE]>,
    used: AtomicUsize,
}

// SAFETY: no two calls get the same bytes, because `used` only grows, in one atomic step each.
unsafe impl Sync for Heap {}

// SAFETY: each call gets its own bytes, aligned as requested, or a null pointer.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let base = self.memory.get().cast::<u8>();
        let mut given = ptr::null_mut();
        let taken = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
            let start = (base as usize + used).next_multiple_of(layout.align()) - base as usize;
            given = base.wrapping_add(start);
            start.checked_add(layout.size()).filter(|end| *end <= SIZE)
        });
        if taken.is_ok() { given } else { ptr::null_mut() }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

const SIZE: usize = 256 * 1024;
