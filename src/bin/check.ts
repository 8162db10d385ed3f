import { readFile, writeFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { check, renderVerdicts, type CheckResult, type Outcome } from '../../chaos/check.js';
import { parseHistory, type HistoryEvent } from '../../chaos/history.js';
import { parseJepsenRegisterLog } from '../../chaos/jepsen-log.js';
import { timelineHtml, timelineText } from '../../chaos/timeline.js';
import { FulcrumError, invalidArgument } from '../core/errors.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Output } from './output.js';

export interface CheckFileOptions {
  readonly json?: boolean | undefined;
  readonly replicas?: number | undefined;
  readonly budget?: number | undefined;
  readonly html?: string | undefined;
}

const EXIT_OF: Readonly<Record<Outcome, ExitCode>> = {
  valid: EXIT.done,
  invalid: EXIT.notFound,
  undecided: EXIT.failed,
};

/** Judges a recorded history. What cannot be read as one is INVALID_ARGUMENT. */
export async function checkFile(file: string, options: CheckFileOptions, output: Output): Promise<ExitCode> {
  const { replicas, budget, html } = options;
  const events = parse(await readText(file), file);
  const result = check(events, {
    ...(replicas === undefined ? {} : { replicas }),
    ...(budget === undefined ? {} : { budget }),
  });
  const counterexample = firstCounterexample(result);
  output.result(
    result,
    renderVerdicts(result).trimEnd(),
    ...(counterexample === undefined ? [] : ['', timelineText(counterexample).trimEnd()]),
  );
  if (html !== undefined) {
    if (counterexample === undefined) output.note(`There is no counterexample to draw, so ${html} was not written.`);
    else await writeFile(html, timelineHtml(counterexample));
  }
  return EXIT_OF[result.verdict];
}

function firstCounterexample({ verdicts }: CheckResult) {
  return verdicts.flatMap(({ violations }) => violations).find(({ counterexample }) => counterexample)?.counterexample;
}

async function readText(file: string): Promise<string> {
  if (file === '-') return textOf(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FulcrumError(invalidArgument(`the history cannot be read: ${reason}`), { cause });
  }
}

/** A history without operations would be valid whatever happened. */
function parse(text: string, file: string): HistoryEvent[] {
  const isLog = /^INFO\s+jepsen/m.test(text);
  const events = isLog ? parseJepsenRegisterLog(text) : parseHistory(text);
  if (events.length > 0) return events;
  throw new FulcrumError(invalidArgument(`${file} holds no operation`));
}
