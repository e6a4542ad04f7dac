/** Decides what is shown of a parameter: the parameter itself, or what stands for it. */
export type RedactParameter = (parameter: unknown, index: number, statement: string) => unknown;

const MAX_PARAMETERS = 50;
const MAX_ELEMENTS = 10;
const MAX_CHARACTERS = 200;
const NOT_REDACTED = '[not shown: the redaction hook failed]';

/**
 * Parameters as they may be logged: redacted, bytes as their number, what is long cut.
 *
 * @param failed is told of an error of the hook; the parameter is not shown then
 */
export function shownParameters(
  parameters: readonly unknown[],
  statement: string,
  redact: RedactParameter | null,
  failed: (error: unknown) => void,
): readonly unknown[] {
  const shown = parameters.slice(0, MAX_PARAMETERS).map((parameter, index) => {
    if (redact === null) return shownValue(parameter);
    try {
      return shownValue(redact(parameter, index, statement));
    } catch (error) {
      failed(error);
      return NOT_REDACTED;
    }
  });
  const left = parameters.length - shown.length;
  if (left > 0) shown.push(`... and ${left} more parameters`);
  return Object.freeze(shown);
}

function shownValue(value: unknown): unknown {
  if (typeof value === 'string') return cut(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (Array.isArray(value)) return shownArray(value);
  return shownObject(value);
}

function shownArray(values: readonly unknown[]): readonly unknown[] {
  const shown = values.slice(0, MAX_ELEMENTS).map(shownValue);
  const left = values.length - shown.length;
  return left > 0 ? [...shown, `... and ${left} more elements`] : shown;
}

/** As pg sends it, which is as JSON. */
function shownObject(value: object): string {
  try {
    return cut(JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? String(inner) : inner)));
  } catch (error) {
    return `[no JSON: ${error instanceof Error ? error.message.split('\n')[0] : 'unknown'}]`;
  }
}

function cut(text: string): string {
  if (text.length <= MAX_CHARACTERS) return text;
  return `${text.slice(0, MAX_CHARACTERS)}... (${text.length} characters)`;
}
