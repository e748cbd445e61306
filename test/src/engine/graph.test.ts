import { expect, it } from 'vitest';
import { Graph, inOrder } from '../../../src/engine/graph/graph.js';
import { compile, loadTensorFlow } from '../../../src/engine/index.js';

it('orders a chain of any length, producers first', () => {
  const graph = new Graph();
  let value = graph.input('x', [1]);
  for (let i = 0; i < 100_000; i++) value = graph.op('Sin', [value], [1], 'float32');
  const ordered = inOrder([value]);
  expect(ordered).toHaveLength(100_001);
  expect(ordered[0]!.op).toBe('Input');
  expect(ordered.at(-1)).toBe(value);
});

it('names every value once, whatever it is needed for, and none that no output needs', () => {
  const graph = new Graph();
  const [x, y] = [graph.input('x', [1]), graph.input('y', [1])];
  const sine = graph.op('Sin', [x], [1], 'float32');
  graph.op('Cos', [y], [1], 'float32');
  const square = graph.op('Mul', [sine, sine], [1], 'float32');
  expect(inOrder([square, sine, square])).toEqual([x, sine, square]);
});

it('compiles and runs a program with a chain of thousands', async () => {
  const tf = await loadTensorFlow();
  const program = await compile({
    inputs: { x: [1] },
    parameters: {},
    build: ({ x }) => {
      let y = x;
      for (let i = 0; i < 5000; i++) y = tf.sin(y);
      return { outputs: { y } };
    },
  });
  await program.run({ x: [1] });
  let expected = 1;
  for (let i = 0; i < 5000; i++) expected = Math.sin(expected);
  expect(program.outputs.y![0]).toBeCloseTo(expected, 5);
});
