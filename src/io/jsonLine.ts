const token = /[\t\n\r ]*(?:([{}[\]:,])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w))/y;

/**
 * The 1-based line at which a text stops being JSON, for messages: Node's parser names it only sometimes.
 * For a text that is valid JSON, its last line.
 */
export function jsonErrorLine(text: string): number {
  const open: string[] = [];
  let expected: 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end' = 'value';
  let at = 0;
  token.lastIndex = 0;
  for (;;) {
    at = token.lastIndex;
    const match = token.exec(text);
    if (match === null) break;
    const [, mark, string] = match;
    const value = mark === undefined || mark === '{' || mark === '[';
    if (value && expected.startsWith('value')) {
      if (mark !== undefined) open.push(mark);
      expected = mark === '{' ? 'key or }' : mark === '[' ? 'value or ]' : ', or end';
    } else if (expected.startsWith('key') && string !== undefined) expected = ':';
    else if (expected === ':' && mark === ':') expected = 'value';
    else if (expected === ', or end' && mark === ',' && open.length > 0) expected = open.at(-1) === '{' ? 'key' : 'value';
    else if (mark === '}' && open.at(-1) === '{' && (expected === ', or end' || expected === 'key or }')) closed();
    else if (mark === ']' && open.at(-1) === '[' && (expected === ', or end' || expected === 'value or ]')) closed();
    else break;
  }
  const rest = /[\t\n\r ]*/y;
  rest.lastIndex = at;
  const stop = at + rest.exec(text)![0].length;
  return text.slice(0, stop).split('\n').length;

  function closed(): void {
    open.pop();
    expected = ', or end';
  }
}
