export * from './bed.js';
export { readFolder, repositoryRoot, type Starter, starterWorkflows } from './files.js';
export { EXAMPLE_SERVICES, exampleRevision, pushExampleImage } from './images.js';
