/** What the server always says in the same English words, in Korean: strategies, their parameters and presets, reasons. */
export const koServer: Readonly<Record<string, string>> = {
  'a name needs a character that can be seen; allowed are letters, digits, punctuation, symbols, emoji and spaces':
    '이름에는 보이는 글자가 하나는 있어야 합니다. 글자, 숫자, 문장 부호, 기호, 이모지, 공백을 쓸 수 있습니다',
  'Follows a fresh EMA cross that RSI and volume confirm; wide stop, half out on the way.':
    'RSI와 거래량이 확인하는 새 EMA 교차를 따릅니다. 스톱은 넓고, 가는 길에 절반을 청산합니다.',
  'Buys exhausted falls and sells exhausted rises with the trend, when RSI, divergence and MACD agree.':
    'RSI, 다이버전스, MACD가 일치하면 추세 방향으로 지친 하락을 사고 지친 상승을 팝니다.',
  'Jumps on breakouts from the Bollinger bands in strong trends; tight stop, profits taken in three steps.':
    '강한 추세에서 볼린저 밴드 돌파를 탑니다. 스톱은 좁고, 세 단계로 익절합니다.',
  'Joins short trends on pullbacks or at the cross, trails the stop, leaves on the reverse signal.':
    '되돌림이나 교차에서 짧은 추세에 올라타고, 스톱을 따라 올리며, 반대 신호에 나옵니다.',
  'As described (4h)': '설명대로 (4h)',
  'As described (1h)': '설명대로 (1h)',
  'As described (15m)': '설명대로 (15m)',
  'As described (5m)': '설명대로 (5m)',
  '1 minute': '1분',
  '5 minutes': '5분',
  '5 minutes, slower': '5분, 더 느리게',
  '15 minutes': '15분',
  '1m demo': '1분 데모',
  'ADX must exceed this; 0 = any': 'ADX가 이 값을 넘어야 함. 0 = 상관없음',
  'Period of the ADX': 'ADX 기간',
  'Half width of the bands (standard deviations)': '밴드 폭의 절반 (표준편차)',
  'Period of the Bollinger bands': '볼린저 밴드 기간',
  'Move the stop to the entry price at this profit; 0 = never': '이 수익에서 스톱을 진입가로 옮김. 0 = 안 함',
  'Long only on a bar that closed above its open, short below':
    '시가보다 높게 끝난 봉에서만 롱, 낮게 끝난 봉에서만 숏',
  'How recent the cross must be; 1 = on the last bar': '교차가 얼마나 최근이어야 하는지. 1 = 마지막 봉',
  'Setup: price at a new extreme of this many bars, RSI not; 0 = not asked for':
    '준비: 가격은 이 봉 수의 새 극값, RSI는 아님. 0 = 보지 않음',
  'Period of the fast EMA': '빠른 EMA 기간',
  'First take-profit distance': '첫 익절까지의 거리',
  'Share of the size taken there; 0 = none': '그곳에서 청산할 수량의 비율. 0 = 없음',
  'Share of the size taken when the RSI is neutral again; 0 = none':
    'RSI가 다시 중립일 때 청산할 수량의 비율. 0 = 없음',
  'Long in a rising trend: RSI at most this': '상승 추세의 롱: RSI가 이 값 이하',
  'Long in a rising trend: RSI at least this': '상승 추세의 롱: RSI가 이 값 이상',
  'How recent the MACD cross must be; 1 = on the last bar; 0 = any':
    'MACD 교차가 얼마나 최근이어야 하는지. 1 = 마지막 봉, 0 = 상관없음',
  'MACD fast period': 'MACD 빠른 기간',
  'MACD signal period': 'MACD 시그널 기간',
  'MACD slow period': 'MACD 느린 기간',
  'Close at the market after this long; 0 = never': '이 시간이 지나면 시장가로 청산. 0 = 안 함',
  'Upper end of the neutral RSI: half of a short goes out from here on':
    '중립 RSI의 상단: 여기서부터 숏의 절반을 청산',
  'Lower end of the neutral RSI: half of a long goes out from here on':
    '중립 RSI의 하단: 여기서부터 롱의 절반을 청산',
  'Short setup: RSI above this': '숏 준비: RSI가 이 값보다 높음',
  'Long setup: RSI below this': '롱 준비: RSI가 이 값보다 낮음',
  'Long needs an RSI above this; short one below 100 less this':
    '롱은 RSI가 이 값보다 높아야 하고, 숏은 100에서 이 값을 뺀 것보다 낮아야 함',
  'Period of the RSI': 'RSI 기간',
  'Second take-profit distance': '둘째 익절까지의 거리',
  'How old a setup may be when the MACD confirms it; 1 = the same bar':
    'MACD가 확인할 때 준비가 얼마나 오래되어도 되는지. 1 = 같은 봉',
  'Short in a falling trend: RSI at most this': '하락 추세의 숏: RSI가 이 값 이하',
  'Short in a falling trend: RSI at least this': '하락 추세의 숏: RSI가 이 값 이상',
  'Directions it may enter': '진입할 수 있는 방향',
  'Period of the slow EMA': '느린 EMA 기간',
  'Stop-loss distance': '손절까지의 거리',
  'Final take-profit distance; closes all that is left': '마지막 익절까지의 거리. 남은 것을 모두 청산',
  'The stop follows the price from this profit on; 0 = never': '이 수익부터 스톱이 가격을 따라감. 0 = 안 함',
  'Distance at which it follows': '따라가는 거리',
  'Longs only above this EMA, shorts only below; 0 = not asked for':
    '이 EMA 위에서만 롱, 아래에서만 숏. 0 = 보지 않음',
  'Volume must exceed this multiple of its average; 0 = any volume':
    '거래량이 평균의 이 배수를 넘어야 함. 0 = 상관없음',
  'Period of the average volume, the last bar included': '평균 거래량 기간, 마지막 봉 포함',
  'its position was closed by hand; resume when it shall trade again':
    '포지션을 직접 청산했습니다. 다시 거래하려면 재개하세요',
  'emergency stop': '긴급 정지',
  'emergency stop by an administrator': '관리자의 긴급 정지',
  'its strategy or parameters are not known to this server': '이 서버가 모르는 전략이나 파라미터입니다',
};

/** The same where the server names one thing in it. */
export const koServerNaming: readonly (readonly [RegExp, string])[] = [
  [
    /^a name must not hold (U\+[0-9A-F]+), .*$/,
    '이름에는 {named} 문자를 쓸 수 없습니다. 글자, 숫자, 문장 부호, 기호, 이모지, 공백을 쓸 수 있습니다',
  ],
  [/^the market of (\S+) has ended$/, '{named} 시장이 종료되었습니다'],
  [
    /^the server was away for (\d+) s; resume when you have looked$/,
    '서버가 {named}초 동안 꺼져 있었습니다. 확인한 뒤 재개하세요',
  ],
  [
    /^(\S+) could not be protected \(.*\); resume when you have looked$/,
    '{named} 포지션에 스톱을 걸지 못했습니다. 확인한 뒤 재개하세요',
  ],
];
