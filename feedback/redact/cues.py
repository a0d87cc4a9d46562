"""The words round a name that give it away: titles, jobs, kin, "called", and what people do; and those that say it is none.

Data, in groups with a reason each; `people` puts them to use. All small letters.
"""

import re


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


# After a title nearly anything is a name, whatever else the word means: Mr Green, Dr Pope.
TITLES = words(
    "dr drs doc doktor mr mrs ms miss mx prof professor rev reverend revd fr canon dame pan pani mme senora sra herr frau"
    " sir lord pc wpc cllr imam pastor rabbi cpl sgt capt"
)
# These are never said of a person without the name; "the dr", "i miss" and "my ms" are.
ONLY_WITH_A_NAME = words("mr mrs mx prof")
TITLES_OF_ANYBODY = words("mr mrs ms miss dr mx prof professor")
# Jobs that are said as a title: Nurse Bell, Sister Church, DOCTOR PLUM.
JOB_TITLES = words("nurse sister matron doctor")
# After a job a capital is usually a name; "nurse practitioner" and "sister on duty" are not.
JOBS = words(
    "nurse nurses sister matron doctor gp consultant registrar physio physiotherapist ot therapist psychologist psychiatrist"
    " psych counsellor cpn hca hcsw rmn amhp midwife receptionist podiatrist chiropodist dentist dietitian dietician pharmacist"
    " paramedic paediatrician worker visitor assistant coordinator co-ordinator practitioner volunteer chaplain porter"
    " cleaner cook chef driver secretary manager clerk administrator interpreter hygienist phlebotomist navigator"
    " specialist salt slt hv lady girl guy bloke chap man woman lad gentleman student locum surgeon technician optician"
    " facilitator keyworker carer advocate peer tutor instructor trainer teacher helper tech housekeeper domestic warden"
    " healthcare pwp cbt audiologist radiographer osteopath orthotist orthoptist gardener hairdresser vicar"
)
KIN = words(
    "mum mom mam mummy mother dad daddy father parent son daughter wife husband hubby partner spouse fiance"
    " brother sister sibling nan nana nanna nanny gran granny grandma grandmother grandad granddad grandpa grandfather"
    " grandson granddaughter grandchild auntie aunty aunt uncle niece nephew cousin friend mate neighbour boy girl boyfriend"
    " girlfriend baby child kid toddler twin twins stepson stepdaughter stepdad stepmum lad lass eldest youngest oldest"
    " sister-in-law brother-in-law mother-in-law father-in-law son-in-law daughter-in-law law missus other-half bub babe"
    " newborn infant teenager teen godson goddaughter ex fella fam little one client patient resident"
)
# Kept inside the span when the name follows at once: they are said as part of it.
NICKNAMES = words(
    "auntie aunty aunt uncle nana nan nanny nanna gran granny grandma grandad granddad grandpa big wee lil"
)
ALWAYS_NICKNAMES = words("auntie aunty big wee lil")
OWNERS = words("my our his her your their")
# What stands between the names of one person, and the letters that are words in a text message.
PARTICLES = words("van von de der den di da del dos das do du bin bint al el ibn ap ab ferch o mac mc le la")
LETTER_WORDS = words("a i u x n r y k")
# The words before a name that can hardly be anything else.
CALLED = words("called named name names known nicknamed")
# Words of thanks and greeting, and others that a person's name often follows.
THANKS = words(
    "thanks thank thankyou thankx thx cheers ta shout shoutout credit praise kudos bless hi hello dear hiya hey especially"
    " particularly regards sincerely faithfully wishes love well-done hats fab lovely darling sweet dearest poor old young"
)
MET = words(
    "saw seen see met meet spoke spoken speak speaking talk talked talking rang phoned ask asked told tell had have has got"
    " get for with by from and & like love loved miss missed knew know want wanted request requested had"
    " contacted emailed texted visited helped to or both thanked treated supported assessed remember is was it's its"
    " i'm im via named then than as were let even only because when if that until since once while where after before but so"
)
GREETING = words("regards sincerely faithfully signed dear hello hi hiya contact")
CALLING = words("call calls called calling")
KNOWN_AS = frozenset(
    [("known", "as"), ("knows", "as"), ("know", "as"), ("answers", "to"), ("answer", "to"), ("goes", "by")]
)
BEFORE_A_NICKNAME = words("him her me as to by") | TITLES | JOBS | KIN | CALLED
# After these even a small, plain word may name somebody: "mr long", "a bloke called smudge".
BEFORE_ANY_NAME = ONLY_WITH_A_NAME | words("called named")
# "name: alun prytherch", "patient ibrahim daar": all of what follows is the name.
NAME_FIELDS = words("name names patient pt called named signed mr mrs miss ms dr")

# What people do (and waiting rooms do not). `be` alone says little: see PRAISE.
DOES = words(
    "met said says told tells rang rings phoned called came comes went goes gave gives took takes made makes did does explained"
    " explains helped helps listened listens sat sits stayed stays spent showed shows understood understands knew knows"
    " asked asks brought brings visited visits saw sees got gets kept keeps turned looks looked seems works worked"
    " loved loves likes liked enjoys enjoyed wants wanted needs needed speaks spoke talked talks walked answered arrived"
    " sorted supported supports treated treats cared cares deserves remembered remembers noticed spotted promised apologised"
    " apologized laughed smiled smiles cried thinks thought feels felt lives lived died passed fell hates hated refused"
    " refuses attends attended started starts stopped left lost goes goes checked checks changed put puts rushed ran sent"
    " wrote writes read reads introduced encouraged encourages inspired managed manages greeted welcomed offered offers"
    " tried tries referred advised arranged organised held holds let lets never always who'd who's cannot can't couldn't"
    " wouldn't won't didn't doesn't hasn't hadn't isn't wasn't isnt wasnt didnt doesnt wouldnt couldnt cant wont herself"
    " himself calls phones rocks stands stood picked drove drives pushed found finds taught teaches prescribed recommended"
    " diagnosed discharged examined fitted dressed washed changed measured reassured calmed waited waits used uses"
    " struggles struggled suffers suffered moved moves ate eats sleeps slept plays played became becomes wasn't adapted"
)
BE = words("is was has had will would could should can may might been be are were")
PRAISE = words(
    "lovely great brilliant amazing fantastic wonderful excellent kind caring superb fab helpful friendly rude good very so"
    " really absolutely always just such an a the my our incredible outstanding awesome professional patient polite gentle"
    " supportive understanding attentive brill ace nice fabulous exceptional marvellous welcoming calm funny cheerful super"
    " extremely truly totally more most never not also particularly especially exceptionally best here there able"
    " knowledgeable thorough approachable late early off away back on terrific spot star angel gem legend diamond credit"
    " dismissive horrible awful cold abrupt lazy busy sick poorly ill disabled autistic blind deaf non unable"
)
# Said of people and hardly of wards, food or treatments: enough to make a name of a strange word before it.
PERSON_PRAISE = words(
    "kind caring helpful friendly rude polite patient gentle supportive understanding attentive funny cheerful abrupt dismissive"
    " approachable compassionate considerate thoughtful reassuring sympathetic courteous respectful smiley welcoming knowledgeable"
)
PERSON_ONLY = PERSON_PRAISE - words(
    "helpful friendly supportive understanding knowledgeable welcoming reassuring approachable"
)
# What may stand between "was" and the praise.
MORE = words(
    "very so really absolutely always just such extremely truly totally more most also particularly especially exceptionally"
)
WHERE_PEOPLE_WORK = words(
    "reception desk front office cafe kitchen kitchens ward unit clinic team nights night days shift shifts duty pharmacy"
    " switchboard phones phone department hub home outpatients service crisis camhs miu physio podiatry perinatal surgery"
    " centre hospital admin trolley canteen shop transport house group district community memory neighbourhood therapy"
    " therapies wheelchair falls dental audiology equipment continence talking helpline line pals stroke dietetics"
    " iapt shed mens men's reablement intervention drop-in drop twilights"
)
# Of these somebody is always in charge: "Sue on reception".
POSTS = words("reception desk front switchboard phones nights")
THEIR_TEAM = words("team crew gang girls boys lads ladies colleagues co staff nurses")
PREPOSITIONS_OF_WORK = words("from on at in of")

# ---- what tells against a person -----------------------------------------------------------------------------------
# After a name these make it a place, a ward, a firm or an illness.
FACILITIES = words(
    "house ward unit centre center court close road rd street st lane avenue ave drive way suite room hospital hosp clinic"
    " surgery hospice school college academy university building block wing lodge hall park garden gardens cafe cottage"
    " practice foundation trust society charity pharmacy medical health bridge cross square gate gates corner hill green"
    " farm inn arms pub club nursing home library store supermarket syndrome disease palsy scale test score method technique"
    " church chapel cathedral infirmary villa villas terrace crescent place mews manor grange view mount walk stores ltd"
    " plc solicitors opticians dentists chemist motors taxis buses hotel bank theatre museum stadium ground field fields"
    " valley forest wood woods river lake bay island town village city county district station retail shopping leisure day"
    " respite residential reablement workshop workshops nurseries nursery playgroup preschool pre-school surgeries vale"
    " partnership association service services institute assessment questionnaire box chemotherapy line pathway treatment"
    " cancer care fund appeal tree plant cream gel tablets capsules spray roundabout flats estate site rise common"
)
# A capital possessive before one of these is a place too: Martha's Corner.
AS_CAPITALS_ONLY = words(
    "house home day way place line court close park green care health service services view walk garden gardens box field"
    " rise common corner hill bank ground city town test score method technique medical treatment assessment tree station"
    " plant wood forest river lake mount gate gates square cross drive st cream gel tablets cancer bridge fund appeal island"
    " practice pathway cottage flats estate site respite residential association society trust partnership retail leisure"
    " shopping inn arms bay valley vale spray capsules chemotherapy flats fields stores"
)
PLACE_PREPOSITIONS = words("in at to from near through outside via around beyond towards round into of between")
NOT_A_SECOND_NAME = (
    words("and or but the a an is was i i'm i've we they he she it you my our his her their this that these those")
    | JOBS
    | KIN
    | words(
        "team staff ward unit nhs trust hospital clinic service gp mr mrs dr also thank thanks please just very so really"
        " well all everyone for to from at in on of with as if when then because after before during until"
        " instead by rather without every each twice even although though despite since while being behind still only whatever"
    )
)
MONTH_NAMES = words("may april june august jan")
MONTH_COMPANY = words(
    "in of since till until til by last next this early late mid before from during around between through to end beginning"
    " start middle every april may june july march august september october november december january february bank"
)
# Modal verbs, moods and virtues at the head of a sentence: only a person's deed makes them names.
VERB_LIKE = words(
    "will may mark bill sue pat grant chase drew hope trust praise wish skip ward don rich frank merry happy given miles"
)
BEFORE_A_VERB = words("would to i'd id i'll ill could can should must please will might you they we let's lets")
PERSON_NOUNS = words(
    "nurse lady man woman girl boy guy chap bloke lad gentleman person doctor consultant therapist physio worker assistant"
    " midwife carer volunteer receptionist someone member colleague practitioner counsellor psychologist psychiatrist son"
    " daughter wife husband baby friend mum dad brother sister her him his my she he hca cpn ot one visitor staff student"
    " manager matron sister clerk porter driver dentist chaplain coordinator lass dog's podiatrist young nephew niece"
)
ABBREVIATIONS = words(
    "nhs gp cpn ot ae ed gcse uk usa tv id ni dob dnr dna pm am eg ie etc nb ps bp ecg mri ct iv im hr rn hv"
    " lol lmao omg tbh imo btw fyi asap thu thur thurs tue tues mon fri sat ok ta"
)
SHORT_AND_SURE = words(
    "sam tom tim jim ben bob dan ian ken ron roy sid stu jon joe zoe amy kim liz meg jen jem deb bev ann ali rob ted"
    " dai huw wyn gaz baz gav nev kev les len lou pam raj jas zak zac jan bex abi mel mia lia kit rik ste syd"
)
CALENDAR = words(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september"
    " october november december"
)
DAYS = frozenset(day + "s" for day in CALENDAR)  # "Tuesdays are chapel"
# What is said of a season or an hour, and of nobody: "Summer was hot", "Dawn was breaking".
OF_A_TIME = words("hot cold warm wet dry breaking long short over coming here late early cool")
TIMES = words("summer autumn winter spring dawn eve sunny stormy storm may april june august")
# Word-names that are qualities too, which one has, sees or is lacking somewhere: "comfort on the ward was good".
COMMON_QUALITIES = words(
    "bliss blessing favour fortune justice wisdom chase art bill mark miles storm storms chip gift ginger honey herb"
)
# A whole answer in a language that is no name: yes and no.
YES_NO = words("nein tak na nie ja da non nee ne oui sim hai si nah nada")
# The whole of an answer is a virtue, a colour or a thing rather than a person.
STAYS_ALONE = words(
    "hope faith patience comfort charity mercy art may will april june august sunday summer autumn winter harmony unity serenity clarity"
    " destiny innocent glad gladness goodness merry lucky precious rich happy temperance prudence trust memory honesty angel angels gift"
    " bliss blessing favour fortune justice wisdom ward don abbey chase cherish ginger honey sage thyme lavender herb ash fern coral"
    " storm misty sunny rusty dusty rocky shiny natty amber jade ivory sapphire silver diamond jewel jubilee genesis chip con curt"
    " earnest frank hardy drew flick ploy pen peg mat mads mac nob lol elan tanner tamer stew curly chi ty di vi ed em fi"
)
# Given names that are verbs or things too, though mostly names: "rob me blind", "lily pollen", "sang carol after carol".
SOMETIMES_WORDS = words("nick rob josh jack lance carol lily patsy abel clement con bobby jimmy john dick")
# Word-names that stand without an article as words too: "with hope", "thanks to patience".
WITHOUT_ARTICLE = words(
    "hope grace patience faith joy mercy charity comfort memory may will art trust prudence temperance unity harmony goodness"
    " gladness serenity clarity destiny innocent glad merry rich happy lucky precious sunday summer autumn april august june"
    " saffron rosemary ginger lavender lol em con col di vi si ed elan chi ty natty shiny tam ion gene pen sage thyme honey"
)
# A name that one of these bears, or that stands beside one, is no person's.
ANIMALS = words(
    "dog dogs puppy pup cat cats kitten rabbit bunny hamster gerbil tortoise parrot budgie horse pony donkey goat hen hens duck"
    " pig guinea-pig goldfish fish labrador lab spaniel terrier collie greyhound poodle whippet retriever alsatian robot"
    " cockapoo labradoodle cavapoo pug whippets teddy hoist doll lizard gecko snake"
)
DETERMINERS = words("the a an no some any this that these those my our your his her their its of more much in such")

# A strange word with one of these endings is a drug, a people or a contraction, and nobody's name.
NO_NAME = re.compile(
    r"(?:['’](?:ve|ll|re|d|m|t)|n't|ish|ese|[^i]ian|[ae]pine|azine|idone|pram|olol|pril|sartan|statin|azole|cillin|mycin"
    r"|triptan|oxetine|faxine|epam|gabalin|trigine|caine|profen|[xz]umab|thyroxine|dronate|parin|xaban|gliptin|gliflozin"
    r"|ptyline|proxen|zodone|peridol|thiazide|semide|cycline|floxacin|methasone|olone|itis|osis|ectomy|scopy|ology|ogram|therapy)$"
)

# Village and town, where a strange word follows "in" or "from".
PLACE_ENDING = re.compile(
    r"(?:ham|ton|bury|ford|worth|ley|wick|combe|thorpe|shire|stow|hill|tree|mouth|chester|cester|minster|wood|field|hope|stead|bourne|brook|leigh|hampton)$"
)

# ---- put together once -----------------------------------------------------------------------------------------------
NEVER_ALONE = TITLES | KIN | JOBS | words("hasnt havent hadnt werent arent grancher granfer")
SPEAKING = THANKS | MET
BEFORE_A_NAME = THANKS | MET
BEFORE_A_THING = DETERMINERS - OWNERS | words("speak speaks north south east west upper lower great port mount")
INTRODUCTIONS = TITLES | JOBS | KIN | CALLED | words("is was it's its e este nome numele signed")
DEEDS = (DOES | words("was is has had who")) - words(
    "does never always cannot can't needs wants likes loves feels works seems put let read"
)
# "nurse will from nights", not "nurse will be".
# What a verb is followed by, and a name hardly ever; in small letters also by the words of "nick in" and "nod off".
AFTER_A_VERB = words("me my the a an it us our your his her their you this that these those")
AFTER_A_SMALL_ONE = AFTER_A_VERB | words("off about in up after")
# Before a first name and surname in small letters: "ward clerk happy kaur sohal", "im gypsy rose doran".
BEFORE_A_WHOLE_NAME = JOBS | TITLES | KIN | NAME_FIELDS | words("im i'm am fella called named is its it's")
FAREWELLS = words("yours regards sincerely faithfully thanks love from cheers wishes signed x xx xxx")
IT_IS = words("it its he she im i'm that who name")
# What people do and firms hardly ever: "Xanthorea met me".
ONLY_PEOPLE = words(
    "met said told rang phoned explained listened sat spoke smiled laughed held asked visited apologised apologized welcomed"
    " greeted introduced wrote drove reassured walked stood cried stayed noticed brought"
)
# What comes from a person as well as from a place: "a letter from Bryn".
SENT = words("letter call message text email card visit heard support care help advice received rang thanks")
# Before a strange word with a capital: a person is meant.
SPOKEN_TO = words("tell told ask asked cheers bless thank thanks thanked our old spoke hi hello dear regards yours")
AFTER_A_SMALL_VERB = DEEDS | words("and from on at she he")
AFTER_A_SMALL_NAME = BE | DOES | words("and who from on at for in the she he but they you both")
AFTER_A_BARE_NAME = AFTER_A_SMALL_NAME | words(
    "as to not then i i'm im it who thank thanks or n because cos when with again"
)
BEFORE_A_JOB = OWNERS | words("the a an")
TOWARDS = words("said owe to from with by and ask saw met told tell can could bless")
JOINTS = words("& / + ,")
JOINED_BY = words("and or nor n nd an plus then")  # between two names; "shaun n kelly-ann"
# Where one comes from, no name stands: "she is from Lviv".
BORN = words("is was are were am i'm im comes come came born live lives lived originally over up down")
# What stands before a bare word-name: "discharged by wren", "i dont want amber".
BEFORE_A_BARE_NAME = TOWARDS | words(
    "want wanted had have got get see seen meet know knew like love thank thanks cheers for than not hi hello dear hey i'm im"
    " it's its call is was and or rang phoned asked called missed miss named name tried prefer"
)
# Jobs that are said of the place as well: "Physio Outpatients", "GP Surgery".
DEPARTMENTS = words("gp ot cbt salt slt pwp physio healthcare peer student tech helper")
# No surname, whatever stands before.
NEVER_A_SURNAME = BE | DOES | AFTER_A_BARE_NAME | DETERMINERS | LETTER_WORDS
# Ordinary words that are surnames too, and hardly ever one right after a name or a title in small letters.
NO_SURNAME = (
    BE
    | DOES
    | PRAISE
    | AFTER_A_BARE_NAME
    | DETERMINERS
    | LETTER_WORDS
    | THANKS
    | MET
    | words(
        "held heard felt fell force more long close fast clear call hand hands body face child house home street park well may"
        " look look need seem show set given main north south east west each company duty list means music number numbers pass"
        " place plant quick quickly ring rose said save seems short side small speed stand still stay talk time try way wait"
    )
)
# Before the one word that a ward or house goes by; nobody is "on" or "at" a person.
BEFORE_A_HOUSE = frozenset({"on", "at", "onto", "off", "inside", "leaving"})
