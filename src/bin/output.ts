import { FulcrumError, type ErrorDetails } from '../core/errors.js';
import { styleFor, type Style } from './style.js';

/** Where a command says things. With --json, standard output holds one JSON document and nothing else. */
export class Output {
  readonly json: boolean;
  readonly style: Style = styleFor(process.stdout);
  readonly noteStyle: Style = styleFor(process.stderr);

  constructor(json: boolean) {
    this.json = json;
  }

  /** The result: the document with --json, else the lines. */
  result(document: unknown, ...lines: readonly string[]): void {
    if (this.json) process.stdout.write(`${JSON.stringify(document, null, process.stdout.isTTY ? 2 : undefined)}\n`);
    else if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
  }

  /** For a person, while it happens: a part of what there is to say. */
  lines(...lines: readonly string[]): void {
    if (!this.json) process.stdout.write(`${lines.join('\n')}\n`);
  }

  /** For the person at the terminal: on standard error, so that it is in nobody's way. */
  note(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  failure(error: unknown): void {
    if (this.json) this.result({ error: detailsOf(error) });
    else this.note(`${this.noteStyle.bad('error')} ${describe(error)}`);
  }
}

function detailsOf(error: unknown): ErrorDetails | { code: string; message: string; definite: boolean } {
  if (error instanceof FulcrumError) return error.toJSON();
  return { code: (error as NodeJS.ErrnoException).code ?? 'FAILED', message: messageOf(error), definite: true };
}

function describe(error: unknown): string {
  return error instanceof FulcrumError ? `${error.code}: ${error.message}` : messageOf(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
