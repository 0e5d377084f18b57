//! What a program needs if it has no library below it: a start, an end, and the memory functions that the compiler
//! calls. For Linux on x86-64.

use core::arch::{asm, global_asm};
use core::panic::PanicInfo;

// The kernel passes the arguments on the stack, which a function's own prologue would move.
global_asm!(".globl _start", "_start:", "mov rdi, rsp", "and rsp, -16", "call {start}", "ud2", start = sym start);

/// # Safety
///
/// `stack` must be the kernel's: the number of arguments, followed by a pointer to each.
unsafe extern "C" fn start(stack: *const usize) -> ! {
    // SAFETY: the first word is the number of arguments, and the second of them, if there is one, is the third word.
    let damage = unsafe { *stack > 1 && *(*stack.add(2) as *const u8) == b'd' };
    exit(crate::run(damage))
}

/// Ends the program.
fn exit(status: u8) -> ! {
    // SAFETY: the system call 60 takes the status and does not return.
    unsafe {
        asm!("syscall", in("rax") 60, in("rdi") usize::from(status), options(noreturn));
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    exit(99)
}

/// # Safety
///
/// The contract of C's `memcpy`: both places have `len` bytes and do not overlap.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
    // SAFETY: guaranteed by the caller. This uses an instruction because a loop might be compiled to a call of this
    // very function.
    unsafe {
        asm!("rep movsb", inout("rcx") len => _, inout("rdi") to => _, inout("rsi") from => _,
            options(nostack, preserves_flags));
    }
    to
}

/// # Safety
///
/// The contract of C's `memmove`: both places have `len` bytes and may overlap.
#[unsafe(no_mangle)]
unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
    if (to as usize).wrapping_sub(from as usize) >= len {
        // SAFETY: `to` is before `from` or past its end, so copying forwards is correct.
        return unsafe { memcpy(to, from, len) };
    }
    // SAFETY: guaranteed by the caller; `len` is not 0 here. Copies backwards, then restores the direction flag.
    unsafe {
        asm!("std", "rep movsb", "cld", inout("rcx") len => _, inout("rdi") to.add(len - 1) => _,
            inout("rsi") from.add(len - 1) => _, options(nostack));
    }
    to
}

/// # Safety
///
/// The contract of C's `memset`: `to` has `len` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn memset(to: *mut u8, byte: i32, len: usize) -> *mut u8 {
    // SAFETY: guaranteed by the caller.
    unsafe {
        asm!("rep stosb", inout("rcx") len => _, inout("rdi") to => _, in("al") byte as u8,
            options(nostack, preserves_flags));
    }
    to
}

/// # Safety
///
/// The contract of C's `memcmp`: both places have `len` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(left: *const u8, right: *const u8, len: usize) -> i32 {
    let mut at = 0;
    while at < len {
        // SAFETY: guaranteed by the caller. The reads are volatile because the loop might be compiled to a call of this
        // very function.
        let (a, b) = unsafe { (left.add(at).read_volatile(), right.add(at).read_volatile()) };
        if a != b {
            return i32::from(a) - i32::from(b);
        }
        at += 1;
    }
    0
}

/// # Safety
///
/// The contract of C's `bcmp`: both places have `len` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn bcmp(left: *const u8, right: *const u8, len: usize) -> i32 {
    // SAFETY: guaranteed by the caller.
    unsafe { memcmp(left, right, len) }
}

/// The compiler refers to this function; a program that aborts on panic never calls it.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}
