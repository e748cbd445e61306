/** Registers TensorFlow.js's WebAssembly backend with the TensorFlow.js beside it. The build joins it into one file. */
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

setWasmPaths(`${import.meta.dirname}/`);
