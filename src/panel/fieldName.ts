import { t } from '../language/t';

/** What a field to colour by is called; `word` for one of the frame's own (trace/group.ts). */
export const fieldName = (field: string, word: string): string =>
  ({
    service: t('field.service', 'Service'),
    namespace: t('field.namespace', 'Namespace'),
    node: t('field.node', 'Node'),
    pod: t('field.pod', 'Pod'),
    protocol: t('field.protocol', 'Protocol'),
    status: t('field.status', 'Status'),
    source: t('field.source', 'Source'),
    point: t('field.point', 'Observation point'),
    kind: t('field.kind', 'Span kind'),
    tunnel: t('field.tunnel', 'Tunnel'),
    client: t('field.client', 'Client'),
    server: t('field.server', 'Server'),
  })[field] ?? word;
