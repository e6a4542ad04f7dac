/** What is logged of a statement's failure. */
export interface ShownError {
  /** SQLSTATE, or Node's code for a lost connection. */
  readonly code: string | null;
  readonly message: string;
  readonly table: string | null;
  readonly constraint: string | null;
  /** Holds the values of the row; null unless parameters are logged. */
  readonly detail: string | null;
}

// Data exceptions quote what was sent: https://www.postgresql.org/docs/current/errcodes-appendix.html
const DATA_EXCEPTION = /^22/;
const QUOTED = /"[\s\S]*"/;

/** An error of pg as it may be logged. Without `withValues` it shows nothing that came from a parameter. */
export function shownError(error: Error, withValues: boolean): ShownError {
  const fields = error as Error & Readonly<Record<string, unknown>>;
  const code = textOrNull(fields['code']);
  const hide = !withValues && code !== null && DATA_EXCEPTION.test(code);
  return {
    code,
    message: hide ? error.message.replace(QUOTED, '"***"') : error.message,
    table: textOrNull(fields['table']),
    constraint: textOrNull(fields['constraint']),
    detail: withValues ? textOrNull(fields['detail']) : null,
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
