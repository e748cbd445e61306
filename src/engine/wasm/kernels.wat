;; The engine's kernels over one block's memory. Addresses are in bytes; vectors hold four floats.
;; Turn this file into kernels.ts with: node scripts/engine-wasm.mjs
(module
  (import "block" "memory" (memory 0))

  ;; Sum of squares of [g, end), in four partial sums by position modulo four, added in order.
  (func (export "sumOfSquares") (param $end i32) (param $g i32) (result f32)
    (local $sum v128) (local $x v128)
    (loop $next
      (local.set $x (v128.load (local.get $g)))
      (local.set $sum (f32x4.add (local.get $sum) (f32x4.mul (local.get $x) (local.get $x))))
      (local.set $g (i32.add (local.get $g) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $g) (local.get $end))))
    (f32.add (f32.add (f32.add
      (f32x4.extract_lane 0 (local.get $sum))
      (f32x4.extract_lane 1 (local.get $sum)))
      (f32x4.extract_lane 2 (local.get $sum)))
      (f32x4.extract_lane 3 (local.get $sum))))

  ;; One Adam step on parameters [p, end): g the gradient, m and v the moments.
  (func (export "adam")
    (param $end i32) (param $p i32) (param $g i32) (param $m i32) (param $v i32)
    (param $scale f32) (param $step f32) (param $beta1 f32) (param $rest1 f32) (param $beta2 f32) (param $rest2 f32)
    (param $epsilon f32) (param $keep f32)
    (local $gradient v128) (local $first v128) (local $second v128) (local $value v128)
    (local $scale4 v128) (local $step4 v128) (local $beta14 v128) (local $rest14 v128) (local $beta24 v128) (local $rest24 v128) (local $epsilon4 v128) (local $keep4 v128)
    (local.set $scale4 (f32x4.splat (local.get $scale)))
    (local.set $step4 (f32x4.splat (local.get $step)))
    (local.set $beta14 (f32x4.splat (local.get $beta1)))
    (local.set $rest14 (f32x4.splat (local.get $rest1)))
    (local.set $beta24 (f32x4.splat (local.get $beta2)))
    (local.set $rest24 (f32x4.splat (local.get $rest2)))
    (local.set $epsilon4 (f32x4.splat (local.get $epsilon)))
    (local.set $keep4 (f32x4.splat (local.get $keep)))
    (loop $next
      (local.set $gradient (f32x4.mul (v128.load (local.get $g)) (local.get $scale4)))
      (local.set $first (f32x4.add
        (f32x4.mul (local.get $beta14) (v128.load (local.get $m)))
        (f32x4.mul (local.get $rest14) (local.get $gradient))))
      (local.set $second (f32x4.add
        (f32x4.mul (local.get $beta24) (v128.load (local.get $v)))
        (f32x4.mul (local.get $rest24) (f32x4.mul (local.get $gradient) (local.get $gradient)))))
      (v128.store (local.get $m) (local.get $first))
      (v128.store (local.get $v) (local.get $second))
      (local.set $value (f32x4.sub
        (f32x4.mul (local.get $keep4) (v128.load (local.get $p)))
        (f32x4.div
          (f32x4.mul (local.get $step4) (local.get $first))
          (f32x4.add (f32x4.sqrt (local.get $second)) (local.get $epsilon4)))))
      (v128.store (local.get $p) (local.get $value))
      (local.set $p (i32.add (local.get $p) (i32.const 16)))
      (local.set $g (i32.add (local.get $g) (i32.const 16)))
      (local.set $m (i32.add (local.get $m) (i32.const 16)))
      (local.set $v (i32.add (local.get $v) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $p) (local.get $end)))))

  ;; The same, and the target's Polyak average with the new parameters.
  (func (export "adamWithTarget")
    (param $end i32) (param $p i32) (param $g i32) (param $m i32) (param $v i32)
    (param $scale f32) (param $step f32) (param $beta1 f32) (param $rest1 f32) (param $beta2 f32) (param $rest2 f32)
    (param $epsilon f32) (param $keep f32) (param $target i32) (param $rate f32)
    (local $gradient v128) (local $first v128) (local $second v128) (local $value v128) (local $old v128)
    (local $scale4 v128) (local $step4 v128) (local $beta14 v128) (local $rest14 v128) (local $beta24 v128) (local $rest24 v128) (local $epsilon4 v128) (local $keep4 v128) (local $rate4 v128)
    (local.set $scale4 (f32x4.splat (local.get $scale)))
    (local.set $step4 (f32x4.splat (local.get $step)))
    (local.set $beta14 (f32x4.splat (local.get $beta1)))
    (local.set $rest14 (f32x4.splat (local.get $rest1)))
    (local.set $beta24 (f32x4.splat (local.get $beta2)))
    (local.set $rest24 (f32x4.splat (local.get $rest2)))
    (local.set $epsilon4 (f32x4.splat (local.get $epsilon)))
    (local.set $keep4 (f32x4.splat (local.get $keep)))
    (local.set $rate4 (f32x4.splat (local.get $rate)))
    (loop $next
      (local.set $gradient (f32x4.mul (v128.load (local.get $g)) (local.get $scale4)))
      (local.set $first (f32x4.add
        (f32x4.mul (local.get $beta14) (v128.load (local.get $m)))
        (f32x4.mul (local.get $rest14) (local.get $gradient))))
      (local.set $second (f32x4.add
        (f32x4.mul (local.get $beta24) (v128.load (local.get $v)))
        (f32x4.mul (local.get $rest24) (f32x4.mul (local.get $gradient) (local.get $gradient)))))
      (v128.store (local.get $m) (local.get $first))
      (v128.store (local.get $v) (local.get $second))
      (local.set $value (f32x4.sub
        (f32x4.mul (local.get $keep4) (v128.load (local.get $p)))
        (f32x4.div
          (f32x4.mul (local.get $step4) (local.get $first))
          (f32x4.add (f32x4.sqrt (local.get $second)) (local.get $epsilon4)))))
      (v128.store (local.get $p) (local.get $value))
      (local.set $old (v128.load (local.get $target)))
      (v128.store (local.get $target) (f32x4.add (local.get $old)
        (f32x4.mul (local.get $rate4) (f32x4.sub (local.get $value) (local.get $old)))))
      (local.set $p (i32.add (local.get $p) (i32.const 16)))
      (local.set $g (i32.add (local.get $g) (i32.const 16)))
      (local.set $m (i32.add (local.get $m) (i32.const 16)))
      (local.set $v (i32.add (local.get $v) (i32.const 16)))
      (local.set $target (i32.add (local.get $target) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $p) (local.get $end)))))

  ;; y = max(x w + b, floor): one dense layer on one row. w lies row by row; rowBytes is four times the outputs.
  (func (export "dense")
    (param $x i32) (param $xEnd i32) (param $w i32) (param $b i32) (param $y i32) (param $rowBytes i32) (param $floor f32)
    (local $column i32) (local $xi i32) (local $wi i32) (local $sum f32) (local $x4 v128) (local $floor4 v128)
    (local $sum0 v128) (local $sum1 v128) (local $sum2 v128) (local $sum3 v128)
    (local.set $floor4 (f32x4.splat (local.get $floor)))
    (block $done16
      (loop $columns16
        (br_if $done16 (i32.gt_u (i32.add (local.get $column) (i32.const 64)) (local.get $rowBytes)))
        (local.set $xi (local.get $x))
        (local.set $wi (i32.add (local.get $w) (local.get $column)))
        (local.set $sum0 (v128.load (i32.add (local.get $b) (local.get $column))))
        (local.set $sum1 (v128.load offset=16 (i32.add (local.get $b) (local.get $column))))
        (local.set $sum2 (v128.load offset=32 (i32.add (local.get $b) (local.get $column))))
        (local.set $sum3 (v128.load offset=48 (i32.add (local.get $b) (local.get $column))))
        (loop $rows16
          (local.set $x4 (v128.load32_splat (local.get $xi)))
          (local.set $sum0 (f32x4.add (local.get $sum0) (f32x4.mul (local.get $x4) (v128.load (local.get $wi)))))
          (local.set $sum1 (f32x4.add (local.get $sum1) (f32x4.mul (local.get $x4) (v128.load offset=16 (local.get $wi)))))
          (local.set $sum2 (f32x4.add (local.get $sum2) (f32x4.mul (local.get $x4) (v128.load offset=32 (local.get $wi)))))
          (local.set $sum3 (f32x4.add (local.get $sum3) (f32x4.mul (local.get $x4) (v128.load offset=48 (local.get $wi)))))
          (local.set $xi (i32.add (local.get $xi) (i32.const 4)))
          (local.set $wi (i32.add (local.get $wi) (local.get $rowBytes)))
          (br_if $rows16 (i32.lt_u (local.get $xi) (local.get $xEnd))))
        (v128.store (i32.add (local.get $y) (local.get $column)) (f32x4.max (local.get $sum0) (local.get $floor4)))
        (v128.store offset=16 (i32.add (local.get $y) (local.get $column)) (f32x4.max (local.get $sum1) (local.get $floor4)))
        (v128.store offset=32 (i32.add (local.get $y) (local.get $column)) (f32x4.max (local.get $sum2) (local.get $floor4)))
        (v128.store offset=48 (i32.add (local.get $y) (local.get $column)) (f32x4.max (local.get $sum3) (local.get $floor4)))
        (local.set $column (i32.add (local.get $column) (i32.const 64)))
        (br $columns16)))
    (block $done4
      (loop $columns4
        (br_if $done4 (i32.gt_u (i32.add (local.get $column) (i32.const 16)) (local.get $rowBytes)))
        (local.set $xi (local.get $x))
        (local.set $wi (i32.add (local.get $w) (local.get $column)))
        (local.set $sum0 (v128.load (i32.add (local.get $b) (local.get $column))))
        (loop $rows4
          (local.set $x4 (v128.load32_splat (local.get $xi)))
          (local.set $sum0 (f32x4.add (local.get $sum0) (f32x4.mul (local.get $x4) (v128.load (local.get $wi)))))
          (local.set $xi (i32.add (local.get $xi) (i32.const 4)))
          (local.set $wi (i32.add (local.get $wi) (local.get $rowBytes)))
          (br_if $rows4 (i32.lt_u (local.get $xi) (local.get $xEnd))))
        (v128.store (i32.add (local.get $y) (local.get $column)) (f32x4.max (local.get $sum0) (local.get $floor4)))
        (local.set $column (i32.add (local.get $column) (i32.const 16)))
        (br $columns4)))
    (block $done1
      (loop $columns1
        (br_if $done1 (i32.gt_u (i32.add (local.get $column) (i32.const 4)) (local.get $rowBytes)))
        (local.set $xi (local.get $x))
        (local.set $wi (i32.add (local.get $w) (local.get $column)))
        (local.set $sum (f32.load (i32.add (local.get $b) (local.get $column))))
        (loop $rows1
          (local.set $sum (f32.add (local.get $sum) (f32.mul (f32.load (local.get $xi)) (f32.load (local.get $wi)))))
          (local.set $xi (i32.add (local.get $xi) (i32.const 4)))
          (local.set $wi (i32.add (local.get $wi) (local.get $rowBytes)))
          (br_if $rows1 (i32.lt_u (local.get $xi) (local.get $xEnd))))
        (f32.store (i32.add (local.get $y) (local.get $column)) (f32.max (local.get $sum) (local.get $floor)))
        (local.set $column (i32.add (local.get $column) (i32.const 4)))
        (br $columns1))))

  ;; Brings rows of `stride` bytes (a multiple of 64), one for each index in [index, end), into the cache by reading a word
  ;; of each line. Nothing is stored between these loads, so that far more of them are under way at a time than in a copy.
  ;; Returns the words' bitwise or, so that no compiler leaves them out.
  (func (export "fetch") (param $index i32) (param $end i32) (param $source i32) (param $stride i32) (result i32)
    (local $from i32) (local $stop i32) (local $words i32)
    (loop $rows
      (local.set $from (i32.add (local.get $source) (i32.mul (local.get $stride) (i32.load (local.get $index)))))
      (local.set $stop (i32.add (local.get $from) (local.get $stride)))
      (loop $lines
        (local.set $words (i32.or (local.get $words) (i32.load (local.get $from))))
        (local.set $from (i32.add (local.get $from) (i32.const 64)))
        (br_if $lines (i32.lt_u (local.get $from) (local.get $stop))))
      (local.set $index (i32.add (local.get $index) (i32.const 4)))
      (br_if $rows (i32.lt_u (local.get $index) (local.get $end))))
    (local.get $words))

  ;; Copies `bytes` (a multiple of four) from source + stride * index to consecutive places, for each index in [index, end).
  (func (export "gather")
    (param $index i32) (param $end i32) (param $source i32) (param $stride i32) (param $to i32) (param $bytes i32)
    (local $from i32) (local $stop i32) (local $stop16 i32)
    (loop $rows
      (local.set $from (i32.add (local.get $source) (i32.mul (local.get $stride) (i32.load (local.get $index)))))
      (local.set $stop (i32.add (local.get $to) (local.get $bytes)))
      (local.set $stop16 (i32.add (local.get $to) (i32.and (local.get $bytes) (i32.const -16))))
      (block $done16
        (loop $vectors
          (br_if $done16 (i32.ge_u (local.get $to) (local.get $stop16)))
          (v128.store (local.get $to) (v128.load (local.get $from)))
          (local.set $from (i32.add (local.get $from) (i32.const 16)))
          (local.set $to (i32.add (local.get $to) (i32.const 16)))
          (br $vectors)))
      (block $done4
        (loop $values
          (br_if $done4 (i32.ge_u (local.get $to) (local.get $stop)))
          (i32.store (local.get $to) (i32.load (local.get $from)))
          (local.set $from (i32.add (local.get $from) (i32.const 4)))
          (local.set $to (i32.add (local.get $to) (i32.const 4)))
          (br $values)))
      (local.set $index (i32.add (local.get $index) (i32.const 4)))
      (br_if $rows (i32.lt_u (local.get $index) (local.get $end)))))
)
