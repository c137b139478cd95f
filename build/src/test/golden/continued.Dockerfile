FROM a \

  AS b
RUN one \


  two\
# comment
  three
	RUN   [ "x" ,\
 "y" ]
ENV A=b\
c  D=e\ f
RUN trailing \