// A slider whose track is filled up to its thumb.

import { h } from './dom.js';

/// A range input. Call `follow` after setting its value from code.
export function slider(props) {
  const { on = {}, ...others } = props;
  const input = h('input', {
    type: 'range', class: 'slider', ...others,
    on: { ...on, input: (event) => { follow(input); on.input?.(event); } },
  });
  // A value is cut to the range, so it comes last.
  if (props.value !== undefined) input.value = props.value;
  follow(input);
  return input;
}

/// Fills the track up to where the thumb is.
export function follow(input) {
  const [least, greatest] = [Number(input.min), Number(input.max)];
  const share = greatest > least ? (Number(input.value) - least) / (greatest - least) : 0;
  input.style.setProperty('--at', `${share * 100}%`);
}
