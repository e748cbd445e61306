export { envServerCommand } from './envServerCommand.js';
