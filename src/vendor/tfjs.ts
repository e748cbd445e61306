/**
 * What is used of TensorFlow.js: its core, its operations as methods of tensors, every gradient, and the CPU backend. The build joins it into one file, so that
 * who installs jouleflow does not install the rest of TensorFlow.js, which is 287 MB.
 */
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import '@tensorflow/tfjs-backend-cpu';
export * from '@tensorflow/tfjs-core';
