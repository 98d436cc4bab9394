// Where a row leads: to what the data links of its fields say. A dashboard sets its variables
// by them, Explore opens the trace beside the list.
import { type DataFrame, type LinkModel, locationUtil } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import type React from 'react';

/** The link of a row. The panel's own links are on every field, those of the data on "trace". */
export function linkOf(frame: DataFrame, index: number): LinkModel | undefined {
  for (const name of ['request', 'trace']) {
    const links = frame.fields.find((f) => f.name === name)?.getLinks?.({ valueRowIndex: index }) ?? [];
    const link = links.find((l) => l.oneClick) ?? links[0];
    if (link) {
      return link;
    }
  }
  return undefined;
}

export function follow(link: LinkModel, event: React.SyntheticEvent) {
  if (link.onClick) {
    link.onClick(event);
    return;
  }
  const url = locationUtil.stripBaseFromUrl(link.href);
  if (link.target === '_blank') {
    window.open(link.href, '_blank', 'noopener');
  } else if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(url)) {
    window.location.assign(link.href);
  } else {
    locationService.push(url);
  }
}
