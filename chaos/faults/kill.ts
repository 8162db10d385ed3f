/** kill -9: the process gets no chance to do anything. Healing starts it again with its data. */
import type { ChaosTarget, Fault } from './fault.js';

export function kill({ processes }: ChaosTarget, id: string): Fault {
  return {
    description: `kill ${id}`,
    async inject() {
      if (processes.state(id) !== 'down') await processes.kill(id);
    },
    probe: () => Promise.resolve(processes.state(id) === 'down' ? undefined : `${id} is ${processes.state(id)}`),
    async heal() {
      if (processes.state(id) === 'down') await processes.start(id);
    },
  };
}
