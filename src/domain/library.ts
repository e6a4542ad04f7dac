/*
 * What the generated code imports, as an application imports it from 'holdfast': the package cannot be imported by its own
 * name before it is built.
 */
export type { PrismaClientLike, SchemaMetadata } from '../database/index.js';
export * from '../repositories/index.js';
