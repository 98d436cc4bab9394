import React from 'react';
import { FieldSet, Stack } from '@grafana/ui';

interface Props {
  title: string;
  children: React.ReactNode;
}

/** A part of the settings. Fields have no margins of their own: the space between them is the stack's. */
export const Section = ({ title, children }: Props) => (
  <FieldSet label={title}>
    <Stack direction="column" gap={2}>
      {children}
    </Stack>
  </FieldSet>
);
