-- {spans} = "['3132333435363738']"
SELECT DISTINCT reinterpretAsUInt64(reverse(span_id)) AS id, grp FROM spans WHERE span_id IN (SELECT CAST(unhex(arrayJoin({spans:Array(String)})), 'FixedString(8)'))
