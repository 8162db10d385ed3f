/** SIGSTOP: the process keeps its connections and answers nothing. Healing lets it go on. */
import type { ChaosTarget, Fault } from './fault.js';

export function pause({ processes }: ChaosTarget, id: string): Fault {
  return {
    description: `pause ${id}`,
    inject: () => processes.pause(id),
    probe: () => Promise.resolve(processes.state(id) === 'paused' ? undefined : `${id} is ${processes.state(id)}`),
    async heal() {
      if (processes.state(id) === 'paused') await processes.resume(id);
    },
  };
}
