import { addJson } from '../arguments.js';
import { example, perform, type Register } from '../command.js';
import type { TourOptions } from '../tour.js';

export const registerTour: Register = (program) => {
  addJson(program.command('tour'))
    .description('see in a minute what each choice costs: six steps on a cluster of its own, with real results')
    .addHelpText('after', example('tour', 'tour --json'))
    .action((options: TourOptions) =>
      perform(options, async (output) => (await import('../tour.js')).tour(options, output)),
    );
};
