/** The rows that a result of pg gave back or touched; null where the server named no number, as after BEGIN. */
export function rowsOf(result: unknown): number | null {
  if (!Array.isArray(result)) return countOf(result);
  // Several statements in one text.
  const counts = result.map(countOf).filter((count) => count !== null);
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0);
}

function countOf(result: unknown): number | null {
  const count = (result as { readonly rowCount?: unknown } | null | undefined)?.rowCount;
  return typeof count === 'number' ? count : null;
}
