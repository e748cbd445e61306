export { boundCommand } from './boundCommand.js';
export { evaluateCommand } from './evaluateCommand.js';
export { plotCommand } from './plotCommand.js';
export { trainCommand } from './trainCommand.js';
