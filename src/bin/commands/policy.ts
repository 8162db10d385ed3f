import { addNodes, parsePolicy } from '../arguments.js';
import { example, perform, type Register } from '../command.js';
import type { PolicyOptions } from '../policy.js';
import type { Policy } from '../../core/policy.js';

const LATER = `
A weaker policy holds at once. A stronger one needs every node, and is promised in receipts only once every key whose
copies differ is settled; Ctrl-C ends the waiting, not the change, and the same command follows it again.`;

export const registerPolicy: Register = (program) => {
  addNodes(program.command('policy').argument('[policy]', 'PC/EC, PC/EL, PA/EC or PA/EL', parsePolicy))
    .description('show the policy of each node, or change that of the running cluster')
    .addHelpText('after', LATER)
    .addHelpText('after', example('policy', 'policy PA/EC', 'policy PC/EC --json'))
    .action((policy: Policy | undefined, options: PolicyOptions) =>
      perform(options, async (output) => (await import('../policy.js')).policy(policy, options, output)),
    );
};
