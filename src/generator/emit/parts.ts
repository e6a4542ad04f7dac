import { fits, quoted } from './literal.js';

/** The first line of a file that this generator wrote under this name, by which it knows the file again. */
export function mark(file: string): string {
  return `// holdfast-generator wrote ${file} from the Prisma schema. What is changed here is lost.`;
}

/** The lines that every generated file begins with. */
export function head(file: string): string {
  return `${mark(file)}\n/* eslint-disable */\n`;
}

/** An import or an export of some names from a module. */
export function from(
  keyword: 'import' | 'import type' | 'export',
  names: readonly string[],
  module: string,
): string {
  const line = `${keyword} { ${names.join(', ')} } from ${quoted(module)};`;
  // One name alone stays on its line.
  if (fits(line) || names.length === 1) return `${line}\n`;
  return `${keyword} {\n${names.map((name) => `  ${name},\n`).join('')}} from ${quoted(module)};\n`;
}

/** A doc comment of these lines. */
export function docComment(lines: readonly string[], indent = ''): string {
  const safe = lines.map((line) => line.replaceAll('*/', '*\\/').trimEnd());
  if (safe.length === 1) return `${indent}/** ${safe[0]} */\n`;
  const body = safe.map((line) => `${indent} *${line === '' ? '' : ` ${line}`}\n`).join('');
  return `${indent}/**\n${body}${indent} */\n`;
}
