/** A request of `prisma generate`. */
export interface GeneratorRequest {
  readonly id: number;
  /** `getManifest` or `generate`. */
  readonly method: string;
  readonly params: unknown;
}

/*
 * Inside a string of JSON, quotes have a backslash before them, so these cannot be part of what somebody wrote in the
 * schema.
 */
const API_BEGINS = ',"schema":{"inputObjectTypes":';
const API_ENDS = ',"mappings":{"modelOperations":';

/**
 * Parses a request without the part of the DMMF that describes the methods of the client. Nothing here reads it, and for 200
 * models it is 47 of 49 megabytes, which take half a second to parse.
 */
export function parseRequest(text: Buffer): GeneratorRequest {
  const [begin, end] = [text.indexOf(API_BEGINS), text.lastIndexOf(API_ENDS)];
  if (begin < 0 || end < begin) return JSON.parse(text.toString()) as GeneratorRequest;
  return JSON.parse(text.toString('utf8', 0, begin) + text.toString('utf8', end)) as GeneratorRequest;
}
