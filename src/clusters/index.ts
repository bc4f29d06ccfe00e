export { ClusterError, ClusterErrorType } from './cluster-error.ts';
export { Clusters, type ClustersOptions } from './clusters.ts';
export {
  ClusterChoice,
  ClustersConfigurationError,
  parseClusters,
  readClusters,
  type ClustersConfiguration,
} from './clusters-configuration.ts';
