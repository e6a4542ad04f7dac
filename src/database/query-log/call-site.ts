/** Where in the application a statement was asked for. Costs a stack trace to make, and its text only when read. */
export class CallSite {
  readonly #trace: { readonly stack?: unknown };
  #place: string | null | undefined;

  private constructor(trace: { readonly stack?: unknown }) {
    this.#trace = trace;
  }

  /** The caller of the function `above`. */
  static capture(above: (...args: never[]) => unknown): CallSite {
    const trace = {};
    const limit = Error.stackTraceLimit;
    // Between the application and pg stand the frames of holdfast and Prisma, more than the ten that are usual.
    Error.stackTraceLimit = FRAMES;
    Error.captureStackTrace(trace, above);
    Error.stackTraceLimit = limit;
    return new CallSite(trace);
  }

  /** `function (file:line:column)` of the first frame outside of Node, holdfast and packages; null if there is none. */
  get place(): string | null {
    if (this.#place === undefined) this.#place = placeIn(this.#trace.stack);
    return this.#place;
  }
}

/** Where the config of a statement carries its call site from the pool to the client. */
export const CALL_SITE: unique symbol = Symbol('holdfast.callSite');

/** The call site that the pool put on a config, if it did. */
export function callSiteOf(config: unknown): CallSite | null {
  const carried = (config as { readonly [CALL_SITE]?: unknown })[CALL_SITE];
  return carried instanceof CallSite ? carried : null;
}

const FRAMES = 50;
/** Of the built package, whose layers are all in `chunks`, nothing else asks for statements: its domain is an application of it. */
const OWN_PLACES = /^(?:cache|chunks|database|maintenance|repositories)\//;

function placeIn(stack: unknown): string | null {
  // A program may install its own `Error.prepareStackTrace`, which may give anything.
  if (typeof stack !== 'string') return null;
  for (const line of stack.split('\n')) {
    const frame = /^\s+at (?:async )?(.+)$/.exec(line)?.[1];
    if (frame !== undefined && isOfApplication(frame)) return frame;
  }
  return null;
}

function isOfApplication(frame: string): boolean {
  if (/\bnode:|<anonymous>|[\\/]node_modules[\\/]|^new Promise\b/.test(frame)) return false;
  const own = frame.indexOf(OWN_FOLDER);
  return own < 0 || !OWN_PLACES.test(frame.slice(own + OWN_FOLDER.length).replaceAll('\\', '/'));
}

/** The folder of holdfast's layers, or of its chunks, as stack traces name it: `import.meta` is not there in CommonJS. */
const OWN_FOLDER = ((): string => {
  const trace: { readonly stack?: string } = {};
  Error.captureStackTrace(trace);
  const here =
    /^\s+at (?:.+? \()?((?:file:\/\/)?.*?)(?:database[\\/]query-log[\\/]call-site|chunks[\\/]\w+)\.\w+:/m;
  return here.exec(trace.stack ?? '')?.[1] ?? '\0';
})();
