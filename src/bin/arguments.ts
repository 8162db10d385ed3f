/** What the command line may hold, and the options that several commands share. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { parseAddress } from '../../cluster/topology.js';
import type { ClientLimit } from '../core/client-limit.js';
import { isLevel, LEVELS, type Level } from '../core/level.js';
import { isPolicy, POLICIES, type Policy } from '../core/policy.js';

/** Where the cluster is: what every command but `up` takes. */
export interface ClusterOptions {
  readonly cluster?: string | undefined;
  readonly json?: boolean | undefined;
}

/** What a command takes that finds the nodes with a cluster file, or without one. */
export interface NodesOptions extends ClusterOptions {
  readonly nodes?: readonly string[] | undefined;
  readonly tlsCa?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly tlsName?: string | undefined;
}

/** What a command that talks to the nodes takes. */
export interface ClientOptions extends NodesOptions {
  readonly level?: Level | undefined;
}

export function addJson(command: Command): Command {
  return command.option('--json', 'print one JSON document on standard output, also for an error');
}

export function addCluster(command: Command): Command {
  return addJson(
    command.addOption(
      new Option('--cluster <file>', 'cluster file, or the folder that holds cluster.json (default: .fulcrum)').env(
        'FULCRUM_CLUSTER',
      ),
    ),
  );
}

/** `what` the addresses are for. */
export function addNodes(command: Command, what = 'to use instead of a cluster file'): Command {
  const file = (name: string, says: string, env: string): Option => new Option(`${name} <file>`, says).env(env);
  return addCluster(command)
    .option('--nodes <addresses>', `gRPC addresses host:port,… ${what}`, parseAddresses)
    .addOption(file('--tls-ca', 'whom to believe, with TLS (default: as the cluster file says)', 'FULCRUM_TLS_CA'))
    .addOption(file('--tls-cert', 'the certificate to show, in PEM form', 'FULCRUM_TLS_CERT'))
    .addOption(file('--tls-key', 'its key', 'FULCRUM_TLS_KEY'))
    .addOption(
      new Option('--tls-name <name>', "what the nodes' certificates name (default: the host dialled)").env(
        'FULCRUM_TLS_NAME',
      ),
    );
}

export function addClient(command: Command): Command {
  return addNodes(command).option('--level <level>', `${LEVELS.join(', ')} (default: as the policy says)`, parseLevel);
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^[0-9]+$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

export function share(text: string): number {
  const number = Number(text);
  if (/^[0-9.]+$/.test(text) && number >= 0 && number <= 1) return number;
  throw new InvalidArgumentError('It must be a share from 0 to 1, such as 0.01.');
}

/** Requests a second, and after a colon the burst. */
export function parseClientLimit(text: string): ClientLimit {
  const [, rate, burst] = /^([0-9.]+)(?::([0-9]+))?$/.exec(text) ?? [];
  const ratePerSecond = Number(rate);
  const isRate = rate !== undefined && ratePerSecond > 0 && ratePerSecond < Infinity;
  if (!isRate || burst === '0') throw new InvalidArgumentError('It must be RATE or RATE:BURST, such as 5000:10000.');
  return burst === undefined ? { ratePerSecond } : { ratePerSecond, burst: Number(burst) };
}

export function parsePolicy(text: string): Policy {
  const policy = text.toUpperCase();
  if (isPolicy(policy)) return policy;
  throw new InvalidArgumentError(`It must be one of ${POLICIES.join(', ')}.`);
}

function parseLevel(text: string): Level {
  const level = text.toUpperCase();
  if (isLevel(level)) return level;
  throw new InvalidArgumentError(`It must be one of ${LEVELS.join(', ')}.`);
}

export function parseAddresses(text: string): readonly string[] {
  const addresses = text.split(',').map((one) => one.trim());
  if (addresses.every((one) => parseAddress(one) !== undefined)) return addresses;
  throw new InvalidArgumentError('It must be gRPC addresses such as 127.0.0.1:7401,127.0.0.1:7402.');
}
