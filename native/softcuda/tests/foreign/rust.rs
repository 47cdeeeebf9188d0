// Trait objects (calls through a table of functions) and a closure by value. Without the core library, which rustup has not for this target
// everywhere: the traits below are what the compiler itself asks for.
#![feature(no_core, lang_items, intrinsics, rustc_attrs, abi_ptx, auto_traits, arbitrary_self_types)]
#![no_core]
#![crate_type = "lib"]
#![allow(internal_features)]

#[lang = "pointee_sized"]
pub trait PointeeSized {}
#[lang = "meta_sized"]
pub trait MetaSized: PointeeSized {}
#[lang = "sized"]
pub trait Sized: MetaSized {}
#[lang = "copy"]
pub trait Copy {}
impl Copy for i32 {}
impl Copy for usize {}
impl<T: ?Sized> Copy for *mut T {}
#[lang = "freeze"]
pub unsafe auto trait Freeze {}
#[lang = "legacy_receiver"]
pub trait LegacyReceiver {}
impl<T: ?Sized> LegacyReceiver for &T {}
#[lang = "unsize"]
pub trait Unsize<T: PointeeSized>: PointeeSized {}
#[lang = "coerce_unsized"]
pub trait CoerceUnsized<T> {}
impl<'a, 'b: 'a, T: PointeeSized + Unsize<U>, U: PointeeSized> CoerceUnsized<&'a U> for &'b T {}
#[lang = "dispatch_from_dyn"]
pub trait DispatchFromDyn<T> {}
impl<'a, T: PointeeSized + Unsize<U>, U: PointeeSized> DispatchFromDyn<&'a U> for &'a T {}
#[lang = "drop_glue"]
fn drop_glue<T: PointeeSized>(_x: &mut T) {}
#[lang = "add"]
pub trait Add<R = Self> {
    type Output;
    fn add(self, r: R) -> Self::Output;
}
impl Add for i32 {
    type Output = i32;
    fn add(self, r: i32) -> i32 {
        self + r
    }
}

pub trait Shape {
    fn area(&self, x: i32) -> i32;
}
pub struct One(i32);
pub struct Two(i32, i32);
impl Shape for One {
    fn area(&self, x: i32) -> i32 {
        self.0 + x
    }
}
impl Shape for Two {
    fn area(&self, x: i32) -> i32 {
        self.0 + self.1 + x
    }
}
#[inline(never)]
fn measure(s: &dyn Shape, x: i32) -> i32 {
    s.area(x)
}
// y[0] = (n + 5) + (n + 2 + 7)
#[no_mangle]
pub unsafe extern "ptx-kernel" fn shapes(y: *mut i32, n: i32) {
    *y = measure(&One(n), 5) + measure(&Two(n, 2), 7);
}
