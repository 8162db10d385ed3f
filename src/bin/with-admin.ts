import { connectAdmin, type Admin } from '../index.js';
import type { ClientOptions } from './arguments.js';
import { locateNodes } from './located-cluster.js';

/** Asks the nodes of the cluster that the options name, and lets go of them whatever happens. */
export async function withAdmin<T>(options: ClientOptions, run: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = await connectAdmin(await locateNodes(options));
  try {
    return await run(admin);
  } finally {
    admin.close();
  }
}
