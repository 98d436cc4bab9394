import React from 'react';
import { PanelPlugin, type PanelProps } from '@grafana/data';

// A placeholder until the flame graph takes its place.
const Spans = ({ data }: PanelProps) => <div data-testid="throughline-spans">{data.series[0]?.length ?? 0} spans</div>;

export const plugin = new PanelPlugin(Spans).setNoPadding();
