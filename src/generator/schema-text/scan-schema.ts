import type { SchemaPlace } from '../errors.js';
import type { SchemaFile } from './schema-files.js';
import { type CommentKind, splitLine } from './split-line.js';

/** What a comment of a schema speaks of: a block, or a line of it. */
export interface CommentOwner {
  /** The word that the block begins with, such as `model`. */
  readonly keyword: string;
  readonly block: string;
  readonly field: string | null;
}

/** A comment, or one line of it. */
export interface SchemaComment extends SchemaPlace {
  readonly text: string;
  readonly kind: CommentKind;
  /** Null where it stands by itself: after it comes an empty line, the end of a block, or a line such as `@@index`. */
  readonly owner: CommentOwner | null;
}

/** A schema's comments, and where each of its models and views begins. */
export interface ScannedSchema {
  readonly comments: readonly SchemaComment[];
  readonly models: ReadonlyMap<string, SchemaPlace>;
}

/** Reads files that Prisma has accepted, line by line: its language has no statement of several lines that matters here. */
export function scanSchema(files: readonly SchemaFile[]): ScannedSchema {
  const comments: SchemaComment[] = [];
  const models = new Map<string, SchemaPlace>();
  for (const file of files) new FileScan(file.name, comments, models).scan(file.text);
  return { comments, models };
}

const BLOCK = /^(\w+)\s+([\w-]+)\s*\{/;
const FIELD = /^[A-Za-z][\w-]*/;

class FileScan {
  readonly #file: string;
  readonly #comments: SchemaComment[];
  readonly #models: Map<string, SchemaPlace>;
  /** Documentation whose owner has not come yet. */
  #waiting: Omit<SchemaComment, 'owner'>[] = [];
  #block: CommentOwner | null = null;

  constructor(file: string, comments: SchemaComment[], models: Map<string, SchemaPlace>) {
    this.#file = file;
    this.#comments = comments;
    this.#models = models;
  }

  scan(text: string): void {
    let insideComment = false;
    text.split(/\r?\n/).forEach((content, index) => {
      const line = splitLine(content, insideComment);
      insideComment = line.opensComment;
      const owner = this.#read(line.code, index + 1);
      for (const { kind, text: words, column } of line.comments) {
        const comment = { file: this.#file, line: index + 1, column, text: words, kind };
        if (kind !== 'documentation') this.#comments.push({ ...comment, owner: null });
        else if (line.code === '') this.#waiting.push(comment);
        else this.#comments.push({ ...comment, owner });
      }
      // Between the fields of a block, an empty line parts nothing.
      if (content.trim() === '' && this.#block === null) this.#giveWaitingTo(null);
    });
    this.#giveWaitingTo(null);
  }

  #read(code: string, line: number): CommentOwner | null {
    if (code === '') return null;
    const owner = this.#block === null ? this.#enter(code, line) : this.#inside(this.#block, code);
    this.#giveWaitingTo(owner);
    return owner;
  }

  #enter(code: string, line: number): CommentOwner | null {
    const [, keyword, block] = BLOCK.exec(code) ?? [];
    if (keyword === undefined || block === undefined) return null;
    if (isModel(keyword)) this.#models.set(block, { file: this.#file, line, column: 1 });
    this.#block = { keyword, block, field: null };
    return this.#block;
  }

  #inside(block: CommentOwner, code: string): CommentOwner | null {
    if (code.startsWith('}')) this.#block = null;
    const field = FIELD.exec(code)?.[0];
    return field === undefined ? null : { ...block, field };
  }

  #giveWaitingTo(owner: CommentOwner | null): void {
    for (const comment of this.#waiting) this.#comments.push({ ...comment, owner });
    this.#waiting = [];
  }
}

/** Whether a block that begins with this word has rows. */
export function isModel(keyword: string): boolean {
  return keyword === 'model' || keyword === 'view';
}

/** Where a model or a view begins. */
export function placeOf({ models }: ScannedSchema, model: string): SchemaPlace {
  return models.get(model) ?? { file: 'schema.prisma', line: 1, column: 1 };
}
