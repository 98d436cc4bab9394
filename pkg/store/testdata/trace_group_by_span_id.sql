-- {from} = "1799999940"
-- {span} = "\x01\x02\x03\x04\x05\x06\a\b"
-- {to} = "1800000060"
SELECT toUInt8(2) AS rank, grp FROM spans WHERE span_id = {span:FixedString(8)} AND bucket >= {from:DateTime('UTC')} AND bucket < {to:DateTime('UTC')} LIMIT 1
