/** `fulcrum chaos sdk`: what breakers and hedging are worth while one node misbehaves. */
import { CALL_TIMEOUT_MS, compareClients, type Side } from '../../chaos/sdk/compare.js';
import { SEED_DEFAULT } from './chaos-run.js';
import { textTable } from './cluster-report.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Output } from './output.js';

export async function chaosSdk(options: { readonly seed?: number | undefined }, output: Output): Promise<ExitCode> {
  const { seed = SEED_DEFAULT } = options;
  const { sides, broken } = await compareClients({
    seed,
    onSituation: ({ name, about }) => output.note(output.noteStyle.dim(`  ${name}: ${about} …`)),
  });
  const head = ['situation', 'breakers, hedging', 'calls', 'success', 'p50', 'p99', 'retries', 'hedges', 'opened'];
  output.result(
    { callTimeoutMs: CALL_TIMEOUT_MS, sides, broken },
    textTable(head, sides.map(rowOf), output.style),
    `  success: answered within ${CALL_TIMEOUT_MS} ms. Reads and writes at QUORUM through both clients at the same time.`,
    broken.length === 0 ? output.style.good('  Every promise held.') : output.style.bad(broken.join('\n')),
  );
  return broken.length === 0 ? EXIT.done : EXIT.notFound;
}

function rowOf({
  situation,
  resilience,
  calls,
  success,
  p50Ms,
  p99Ms,
  retries,
  hedges,
  breakersOpened,
}: Side): string[] {
  const percent = `${(success * 100).toFixed(1)} %`;
  const latency = [p50Ms, p99Ms].map((ms) => `${ms.toFixed(ms < 10 ? 1 : 0)} ms`);
  return [situation, resilience, String(calls), percent, ...latency, ...[retries, hedges, breakersOpened].map(String)];
}
