/**
 * What a statement begins with that the library sends on its own account several times a second. It is neither counted nor
 * logged, since it would drown what the application does.
 */
export const INTERNAL = '/*holdfast internal*/ ';
