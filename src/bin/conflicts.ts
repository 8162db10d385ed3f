/** `fulcrum conflicts`: the conflict ledger of the cluster. */
import type { ConflictLedger, ReportedConflict, ReportedSide } from '../index.js';
import type { ClientOptions } from './arguments.js';
import { textTable } from './cluster-report.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { toJson } from '../edge/json-value.js';
import type { Output } from './output.js';
import { withAdmin } from './with-admin.js';

export interface ListConflictsOptions extends Omit<ClientOptions, 'level'> {
  readonly limit?: number | undefined;
}

const SHOWN_CHARACTERS = 32;

export async function listConflicts(options: ListConflictsOptions, output: Output): Promise<ExitCode> {
  const ledger = await withAdmin(options, (admin) => admin.conflicts({ limit: options.limit }));
  const { conflicts, more, missing } = ledger;
  if (missing.length > 0 && !output.json)
    output.note(output.noteStyle.warning(`${missing.join(', ')} did not answer: what only they saw is missing.`));
  output.result({ conflicts: conflicts.map(documentOf), more, missing }, ...linesOf(ledger, output));
  return EXIT.done;
}

function linesOf({ conflicts, more }: ConflictLedger, { style }: Output): string[] {
  if (conflicts.length === 0) return ['No acknowledged write was discarded in the last 7 days.'];
  const rows = conflicts.map((conflict) => [
    shorten(conflict.key),
    describeSide(conflict.discarded),
    describeSide(conflict.winner),
    conflict.certain ? style.bad('certain') : 'possible',
    conflict.heldBy.join(', '),
    new Date(conflict.seenAtMs).toISOString(),
  ]);
  const table = textTable(['key', 'lost', 'kept', 'lost unseen', 'held by', 'seen'], rows, style);
  return more ? [table, 'There are more: --limit says how many are listed.'] : [table];
}

/** A value that was too long to be kept whole is absent. */
function documentOf({ discarded, winner, seenAtMs, ...rest }: ReportedConflict): object {
  const seenAt = new Date(seenAtMs).toISOString();
  return { ...rest, seenAt, discarded: sideDocument(discarded), winner: sideDocument(winner) };
}

function sideDocument({ value, writtenAtMs, ...rest }: ReportedSide): object {
  const kept = value === undefined ? {} : { value: toJson(value) };
  return { ...rest, ...kept, writtenAt: new Date(writtenAtMs).toISOString() };
}

function describeSide({ value, deleted, valueBytes }: ReportedSide): string {
  if (deleted) return '(deleted)';
  return value === undefined ? `(${valueBytes} bytes)` : shorten(JSON.stringify(toJson(value)));
}

function shorten(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS - 1)}…`;
}
