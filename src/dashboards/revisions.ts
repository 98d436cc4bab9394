// The content of each dashboard by its revision, from 1: see dashboards.test.ts. No JSON, which would be
// taken for a dashboard.
export const revisions: Record<string, string[]> = {
  Distributed_Tracing: ['2ec9b0805fa4aad6', '2d0f7f1bd1ac8f78', '19f8e33bb7ca1978'],
  'throughline-services': ['dff2f8add5d8e29e', '9dd77195ade06ff0', '1e05ff9f149e5be5'],
  'throughline-network': ['057ebe7ac20cf1eb', 'df96e8102c8ee53c', '2a3f77187896ae74'],
};
