/** What a fleet can serve: models with their quality, and what serving them takes on a device at a clock. */
export type { ServedModel } from './catalogue.js';
export { servedModelNamed, servedModels } from './catalogue.js';
export type { ServingDevice } from './devices.js';
export { servingDevice } from './devices.js';
export type { ImageModel } from './images.js';
export { imageCeiling, imageModels, imageQualityShape } from './images.js';
export type { ServiceCost, ServiceProfile, ServiceRequest } from './profile.js';
export type { ProfileOptions } from './serving.js';
export { imageEstimate, profileOf } from './serving.js';
export type { TextModel } from './text.js';
export { textModels } from './text.js';
export type { ProfileValidation } from './validate.js';
export { validateProfiles } from './validate.js';
