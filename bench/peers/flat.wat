;; What a flat module does with the fields of shares, which its host has put into its memory as numbers and texts.
;; A share is 32 bytes: its size (i64), and where its status, its host and its name lie, each with how long it is (i32 both).
(module
  (memory (export "memory") 16)

  ;; Texts that the module knows, at the beginning of its memory.
  (data (i32.const 0) "available")
  (data (i32.const 16) "renamed")

  (func (export "empty"))
  (func (export "fail") unreachable)
  (func (export "endless") (result i64) (loop $again (br $again)) unreachable)

  ;; available tells whether the status of a share is "available".
  (func $available (param $share i32) (result i32)
    (local $at i32) (local $i i32)
    (if (i32.ne (i32.load offset=12 (local.get $share)) (i32.const 9)) (then (return (i32.const 0))))
    (local.set $at (i32.load offset=8 (local.get $share)))
    (loop $next
      (if (i32.ne (i32.load8_u (i32.add (local.get $at) (local.get $i))) (i32.load8_u (local.get $i)))
        (then (return (i32.const 0))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 9))))
    (i32.const 1))

  (func $placed (param $share i32) (result i32)
    (i32.ne (i32.load offset=20 (local.get $share)) (i32.const 0)))

  (func (export "policy") (param $share i32) (result i32)
    (i32.and
      (i64.le_s (i64.load (local.get $share)) (i64.const 500))
      (i32.and (call $available (local.get $share)) (call $placed (local.get $share)))))

  (func (export "set") (param $share i32)
    (if (i64.lt_s (i64.load (local.get $share)) (i64.const 0)) (then (return)))
    (if (i32.and (call $available (local.get $share)) (call $placed (local.get $share)))
      (then
        (i32.store offset=24 (local.get $share) (i32.const 16))
        (i32.store offset=28 (local.get $share) (i32.const 7)))))

  ;; sum adds up what is available of some shares, one after another from the first.
  (func (export "sum") (param $share i32) (param $left i32) (result i64)
    (local $total i64)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $left)))
        (if (call $available (local.get $share))
          (then (local.set $total (i64.add (local.get $total) (i64.load (local.get $share))))))
        (local.set $share (i32.add (local.get $share) (i32.const 32)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br $next)))
    (local.get $total))

  ;; sieve counts the primes below 10000, with a byte for each number from 1024 on.
  (func (export "sieve") (result i64)
    (local $i i32) (local $j i32) (local $count i64)
    (memory.fill (i32.const 1024) (i32.const 0) (i32.const 10000))
    (local.set $i (i32.const 2))
    (loop $next
      (if (i32.eqz (i32.load8_u offset=1024 (local.get $i)))
        (then
          (local.set $count (i64.add (local.get $count) (i64.const 1)))
          (local.set $j (i32.mul (local.get $i) (local.get $i)))
          (block $struck
            (loop $strike
              (br_if $struck (i32.ge_u (local.get $j) (i32.const 10000)))
              (i32.store8 offset=1024 (local.get $j) (i32.const 1))
              (local.set $j (i32.add (local.get $j) (local.get $i)))
              (br $strike)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 10000))))
    (local.get $count)))
