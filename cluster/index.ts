/** The library `fulcrum-kv/cluster`: real clusters for your own tests. */
export { startCluster, type StartClusterOptions } from './start-cluster.js';
export type { ClusterNode, LocalCluster } from './local-cluster.js';
export type { TlsFiles } from './tls-fields.js';
