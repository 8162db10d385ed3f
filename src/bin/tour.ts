/** `fulcrum tour`: the six steps of the console's tour in the terminal, on a cluster of its own that is gone afterwards. */
import { startChaosCluster, type ChaosCluster } from '../../chaos/chaos-cluster.js';
import { readClusterFile } from '../../cluster/cluster-file.js';
import type { TourFact, TourNotes, TourStage } from '../console/tour/stage.js';
import { TOUR_STEPS } from '../console/tour/steps.js';
import { operatorOf } from './console/operator.js';
import { pinnedCaller } from './console/pinned-caller.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Output } from './output.js';

const WIDTH = 88;

export interface TourOptions {
  readonly json?: boolean | undefined;
}

/** Throws where a step cannot be finished; the cluster is stopped whatever happens. */
export async function tour(_options: TourOptions, output: Output): Promise<ExitCode> {
  output.note('Starting a cluster of three nodes, with a proxy in every link …');
  await using cluster = await startChaosCluster({ nodes: 3 });
  const stage = await stageOn(cluster);
  const notes: TourNotes = {};
  const performed = [];
  try {
    for (const [index, step] of TOUR_STEPS.entries()) {
      output.lines('', output.style.bold(`${index + 1}  ${step.title}`), ...wrapped(step.lead), '');
      const facts = await step.perform(stage, notes);
      output.lines(...facts.map((one) => bullet(one, output)));
      performed.push({ step: index + 1, title: step.title, facts });
    }
  } finally {
    await stage.close();
  }
  output.result({ steps: performed }, '', `  See it live, on your own cluster:  ${output.style.bold('npm start')}`);
  return EXIT.done;
}

async function stageOn(cluster: ChaosCluster): Promise<TourStage & { close(): Promise<void> }> {
  const operator = operatorOf((await readClusterFile(cluster.file))!);
  const callers = new Map(cluster.nodes.map(({ id, address }) => [id, pinnedCaller(id, address)]));
  const ids = [...callers.keys()];
  return {
    nodes: ids,
    operator,
    clock: { monotonicMs: () => performance.now() },
    caller: (node) => callers.get(node)!,
    drawApart: (apart) =>
      cluster.partition(`${apart.join(' ')} | ${ids.filter((id) => !apart.includes(id)).join(' ')}`),
    heal: () => cluster.heal(),
    changePolicy: (policy) => operator.changePolicy(policy),
    close: async () => {
      await Promise.all([...callers.values(), operator].map((each) => each.close()));
    },
  };
}

function bullet({ text, isWarning }: TourFact, { style }: Output): string {
  const [first = '', ...rest] = wrapped(text, '    ').map((line) => line.trimStart());
  const mark = isWarning ? style.warning('!') : style.good('✓');
  return [`  ${mark} ${first}`, ...rest.map((line) => `    ${line}`)].join('\n');
}

/** Lines of whole words. */
function wrapped(text: string, indent = '   '): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length + word.length > WIDTH && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
