import path from 'node:path';
import type { ClientModule } from './client-module.js';
import { GeneratorError } from './errors.js';
import type { GeneratorBlock } from './generator-input.js';

const EXTENSIONS = ['', 'js', 'ts'];

/** Writes the import specifiers of generated files, each of which is named by its path below the output folder. */
export class OutputModules {
  readonly #folder: string;
  readonly #client: ClientModule;
  /** A package's name, or the absolute path of a module with its extension. */
  readonly #library: string;
  readonly #extension: string;

  /** @throws GeneratorError when the block has no output, or an option that is not known */
  constructor(block: GeneratorBlock, client: ClientModule) {
    checkOptions(block);
    const { library = 'holdfast', importFileExtension } = block.config;
    this.#folder = outputOf(block);
    this.#client = client;
    this.#library =
      typeof library === 'string' && library.startsWith('.')
        ? path.resolve(path.dirname(block.sourceFilePath), library)
        : String(library);
    this.#extension =
      importFileExtension === undefined
        ? ownExtension(client.extension)
        : dotted(String(importFileExtension));
  }

  library(from: string): string {
    return path.isAbsolute(this.#library) ? this.#relative(from, this.#library) : this.#library;
  }

  client(from: string): string {
    const { module, extension } = this.#client;
    return path.isAbsolute(module) ? this.#relative(from, module + extension) : module;
  }

  /** Another generated file, by its path without extension. */
  own(from: string, file: string): string {
    return this.#relative(from, path.join(this.#folder, file) + this.#extension);
  }

  #relative(from: string, to: string): string {
    const folder = path.dirname(path.join(this.#folder, from));
    const relative = path.relative(folder, to).replaceAll(path.sep, '/');
    return relative.startsWith('.') ? relative : `./${relative}`;
  }
}

/** The folder that a `generator` block names. */
export function outputOf({ output, name }: GeneratorBlock): string {
  if (output?.value) return output.value;
  throw new GeneratorError(`The generator ${name} needs an output, such as "../src/generated/holdfast".`);
}

function checkOptions({ name, config }: GeneratorBlock): void {
  for (const [option, value] of Object.entries(config)) {
    const isKnown = option === 'library' || option === 'importFileExtension';
    if (!isKnown || typeof value !== 'string') {
      throw new GeneratorError(
        `The generator ${name} has an option "${option}" that is not known here. There are library and importFileExtension.`,
      );
    }
  }
  const { importFileExtension } = config;
  if (importFileExtension !== undefined && !EXTENSIONS.includes(String(importFileExtension))) {
    throw new GeneratorError(
      `importFileExtension of the generator ${name} is "${importFileExtension}": expected "js", "ts" or "".`,
    );
  }
}

/** Generated files are `.ts`; those of the client may be others. */
function ownExtension(ofClient: string): string {
  if (ofClient === '') return '';
  return ofClient.endsWith('ts') ? '.ts' : '.js';
}

function dotted(extension: string): string {
  return extension === '' ? '' : `.${extension}`;
}
