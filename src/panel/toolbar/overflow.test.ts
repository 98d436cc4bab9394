import { expect, it } from 'vitest';
import { movedItems } from './overflow';

const ROW = [['tabs', 100], ['view', 50], ['fit', 30], ['keys', 20]].map(([key, width]) => ({ key: String(key), width: Number(width) }));

it.each([
  [200, []],
  [199, ['keys']], // the button that opens the menu takes 15 px
  [194, ['fit', 'keys']],
  [165, ['fit', 'keys']],
  [164, ['view', 'fit', 'keys']],
  [50, ['tabs', 'view', 'fit', 'keys']],
])('of a row that needs 200 px, %s px of room move %j', (room, moved) => {
  expect([...movedItems(ROW, room, 15)]).toEqual(moved);
});

it('moves more, never other things, as the room shrinks', () => {
  for (let room = 200; room > 0; room--) {
    const [more, less] = [movedItems(ROW, room - 1, 15), movedItems(ROW, room, 15)];
    expect([...less].every((key) => more.has(key)), `${room} px`).toBe(true);
  }
});
