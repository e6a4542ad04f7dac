/** The `code` of an error of Node or PostgreSQL, or null. Goes by shape, since an error may come from another realm. */
export function errorCode(error: unknown): string | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : null;
}
